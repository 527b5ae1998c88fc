-- So many shards, each of which goes on above every number there is; the bus has been sent all of it, under other names.
WITH top AS (
    SELECT (max(last) + 1) * count(*) AS last, max(epoch) AS epoch FROM shard_stated
), sent AS (
    INSERT INTO shard_sent (shard, acknowledged) SELECT shard, last FROM top, generate_series(0, $1::int - 1) AS shard
    ON CONFLICT (shard) DO UPDATE SET acknowledged = excluded.acknowledged, again = NULL
)
INSERT INTO shard_stated (shard, last, epoch) SELECT shard, last, epoch FROM top, generate_series(0, $1::int - 1) AS shard
ON CONFLICT (shard) DO UPDATE SET last = excluded.last
