-- Appends events to the archive in the order given, under the next numbers of their shards; nothing in an epoch that is over.
-- The shards stay locked until the commit, in one order for all: whoever sees a number sees all that lie below it.
WITH locked AS (
    SELECT shard, last FROM shard_stated WHERE shard = ANY ($2::int[]) AND epoch = $4
    ORDER BY shard FOR NO KEY UPDATE
), counted AS (
    UPDATE shard_stated SET last = locked.last + said.events
    FROM locked JOIN unnest($2::int[], $3::int[]) AS said (shard, events) ON said.shard = locked.shard
    WHERE shard_stated.shard = locked.shard
), said AS (
    INSERT INTO archive (id, recorded_at, topic, key, partition, event_id, message)
    SELECT before.last[line] + nth, $1, topic, key, ($2::int[])[line], event_id::uuid, message
    FROM (SELECT array_agg(last ORDER BY shard) AS last FROM locked) AS before
    CROSS JOIN unnest($5::int[], $6::int[], $7::text[], $8::text[], $9::text[], $10::bytea[])
               AS event (line, nth, topic, key, event_id, message)
    WHERE cardinality(before.last) = cardinality($2::int[])
)
SELECT shard, last FROM locked ORDER BY shard
