-- The rows of which readers have heard what this store does not know: those of which nothing else is left to be judged by now.
SELECT DISTINCT lost_word.kind, lost_word.key, lost_word.partition
FROM unnest($1::int[], $2::timestamptz[]) AS reading (partition, watermark)
JOIN lost_word ON lost_word.partition = reading.partition AND lost_word.since <= reading.watermark
LEFT JOIN state ON state.kind = lost_word.kind AND state.key = lost_word.key
WHERE state.blocked IS NOT TRUE AND (state.due > reading.watermark OR state.due IS NULL)
  AND NOT EXISTS (SELECT FROM wakes WHERE wakes.kind = lost_word.kind AND wakes.key = lost_word.key)
ORDER BY lost_word.kind, lost_word.key
LIMIT $3
