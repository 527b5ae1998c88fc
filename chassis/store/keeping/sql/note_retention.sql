-- Notes how much was removed, and that it was looked.
INSERT INTO retention (what, removed, last_at) SELECT what, removed, now() FROM unnest($1::text[], $2::bigint[]) AS done (what, removed)
ON CONFLICT (what) DO UPDATE SET removed = retention.removed + excluded.removed, last_at = excluded.last_at
