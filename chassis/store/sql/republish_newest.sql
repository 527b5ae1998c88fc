-- Puts the newest event of each key back into the outbox, so that a compacted topic ends with the newest.
INSERT INTO outbox (shard, id, recorded_at)
SELECT DISTINCT ON (archive.topic, archive.key) archive.partition, archive.id, archive.recorded_at
FROM archive JOIN (SELECT DISTINCT topic, key FROM unnest($1::text[], $2::text[]) AS late (topic, key)) AS late USING (topic, key)
WHERE archive.recorded_at >= $3
ORDER BY archive.topic, archive.key, archive.id DESC
ON CONFLICT DO NOTHING
