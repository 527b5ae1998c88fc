-- The oldest event of each of these shards that the bus has not acknowledged, or that is to be said again.
SELECT shard_sent.shard, oldest.id
FROM unnest($1::int[]) AS mine (shard)
JOIN shard_sent ON shard_sent.shard = mine.shard
CROSS JOIN LATERAL (
    SELECT id FROM archive WHERE archive.partition = shard_sent.shard AND archive.id > coalesce(again, acknowledged)
    ORDER BY id LIMIT 1
) AS oldest
