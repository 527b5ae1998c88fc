-- The next events of each shard that this relay owns, in the order in which they were said.
SELECT waiting.shard, waiting.id, archive.topic, archive.key, archive.partition, archive.message, archive.recorded_at
FROM unnest($1::int[]) AS owned (shard)
CROSS JOIN LATERAL (
    SELECT shard, id, recorded_at FROM outbox WHERE outbox.shard = owned.shard ORDER BY id LIMIT $2
) AS waiting
JOIN archive ON archive.recorded_at = waiting.recorded_at AND archive.id = waiting.id
ORDER BY waiting.shard, waiting.id
