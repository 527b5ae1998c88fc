-- All that holds protect.
SELECT coalesce(array_agg(DISTINCT key), '{}') FROM (SELECT person_ref AS key FROM hold UNION SELECT unnest(keys) FROM hold) AS held
