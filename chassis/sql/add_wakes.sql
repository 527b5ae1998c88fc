-- Asks for other rows to be judged again; one that is being consumed right now is waited for, then asked for anew.
INSERT INTO wakes (kind, key, partition)
SELECT kind, key, partition FROM unnest($1::text[], $2::text[], $3::int[]) AS woken (kind, key, partition)
ORDER BY kind, key
ON CONFLICT (kind, key) DO UPDATE SET partition = excluded.partition
