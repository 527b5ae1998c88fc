-- The rows that are due by the instant up to which their partition has been read, earliest first, and those woken.
(SELECT kind, key, partition, due FROM unnest($1::int[], $2::timestamptz[]) AS reading (partition, watermark)
 CROSS JOIN LATERAL (
     SELECT kind, key, due FROM state
     WHERE state.partition = reading.partition AND due <= watermark AND due IS NOT NULL AND NOT blocked
     ORDER BY due LIMIT $3
 ) AS of_partition
 ORDER BY due LIMIT $3)
UNION ALL
(SELECT DISTINCT kind, key, partition, NULL::timestamptz FROM wakes WHERE partition = ANY ($1::int[]) LIMIT $3)
