-- When this store last stated anything that is still in the archive.
SELECT max(newest.recorded_at)
FROM shard_stated CROSS JOIN LATERAL (
    SELECT recorded_at FROM archive WHERE archive.partition = shard_stated.shard ORDER BY id DESC LIMIT 1
) AS newest
