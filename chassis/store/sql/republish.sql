-- Has all that is archived said again, or what was recorded from an instant on with whatever came after it; how many.
WITH wanted AS (
    SELECT partition AS shard, min(id) AS first, count(*) AS events
    FROM archive WHERE recorded_at >= coalesce($1, '-infinity'::timestamptz) GROUP BY partition
), asked AS (
    UPDATE shard_sent SET again = least(again, acknowledged, wanted.first - 1), asked = asked + 1
    FROM wanted WHERE shard_sent.shard = wanted.shard
)
SELECT coalesce(sum(events), 0)::bigint FROM wanted
