-- What has been said of these keys from an instant on.
SELECT key, message FROM archive WHERE recorded_at >= $1 AND key = ANY ($2) ORDER BY id
