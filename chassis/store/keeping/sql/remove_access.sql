-- Takes away who has asked what before an instant, but for what holds protect.
DELETE FROM access_log WHERE at < $1 AND NOT cases && $2::text[]
