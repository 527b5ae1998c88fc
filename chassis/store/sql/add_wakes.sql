-- Asks for other rows to be judged again. Nothing unique here: to wait for whoever consumes a wake would be a deadlock.
INSERT INTO wakes (kind, key, partition)
SELECT kind, key, partition FROM unnest($1::text[], $2::text[], $3::int[]) AS woken (kind, key, partition)
