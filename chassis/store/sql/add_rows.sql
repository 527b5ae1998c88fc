-- Makes rows for unknown keys, in key order: a lock needs a row, otherwise two firsts overwrite each other.
INSERT INTO state (kind, key, partition)
SELECT kind, key, partition FROM unnest($1::text[], $2::text[], $3::int[]) AS wanted (kind, key, partition)
ORDER BY kind, key
ON CONFLICT DO NOTHING
