-- Moves the watermark of shards over what the bus has, never back. Whoever comes late with it, since another has sent
-- further, or who did not know that all is being said again, or whom the bus has left a gap, may have put old events
-- behind new ones, or his behind others': all from there on is said again.
WITH sent AS (
    SELECT shard, after, upto, asked, gap
    FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::int[], $5::boolean[]) AS sent (shard, after, upto, asked, gap)
), before AS (
    SELECT shard_sent.shard, acknowledged, again, shard_sent.asked, after, upto, gap, sent.asked AS known,
           coalesce(again, acknowledged) > after AS late
    FROM shard_sent JOIN sent ON sent.shard = shard_sent.shard
    ORDER BY shard_sent.shard FOR NO KEY UPDATE OF shard_sent
)
UPDATE shard_sent
SET acknowledged = greatest(before.acknowledged, upto),
    again = CASE
        WHEN late OR before.asked <> known THEN least(before.again, after)
        WHEN gap THEN upto
        WHEN before.again IS NOT NULL AND upto < before.acknowledged THEN upto
    END,
    asked = before.asked + (late OR gap OR before.asked <> known)::int
FROM before
WHERE shard_sent.shard = before.shard AND before.acknowledged >= after
  AND upto <= (SELECT last FROM shard_stated WHERE shard_stated.shard = before.shard)
RETURNING shard_sent.shard, shard_sent.acknowledged, shard_sent.again, shard_sent.asked, late
