-- The oldest event of each of these shards that the bus has not acknowledged.
SELECT mine.shard, oldest.id
FROM unnest($1::int[]) AS mine (shard)
CROSS JOIN LATERAL (SELECT id FROM outbox WHERE outbox.shard = mine.shard ORDER BY id LIMIT 1) AS oldest
