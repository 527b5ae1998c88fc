-- The next events of each of these shards after a number, in the order in which they were said.
SELECT owned.shard, unsent.id, unsent.topic, unsent.key, unsent.message
FROM unnest($1::int[], $2::bigint[]) AS owned (shard, after)
CROSS JOIN LATERAL (
    SELECT id, topic, key, message FROM archive
    WHERE archive.partition = owned.shard AND archive.id > owned.after ORDER BY id LIMIT $3
) AS unsent
ORDER BY owned.shard, unsent.id
