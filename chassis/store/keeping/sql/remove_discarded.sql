-- Takes away the lines about records that an operator took out before an instant.
DELETE FROM discarded WHERE discarded_at < $1 AND (key IS NULL OR key <> ALL ($2::text[]))
