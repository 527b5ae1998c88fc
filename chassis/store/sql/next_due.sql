-- For each partition the first instant behind how far it has been read for which a row waits; none where no row does.
SELECT partition, due FROM unnest($1::int[], $2::timestamptz[]) AS reading (partition, watermark)
CROSS JOIN LATERAL (
    SELECT due FROM state
    WHERE state.partition = reading.partition AND due > watermark AND due IS NOT NULL AND NOT blocked
    ORDER BY due LIMIT 1
) AS of_partition
