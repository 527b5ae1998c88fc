-- How far each of these partitions has been read; one of which nothing has been read is noted as such.
WITH assigned AS (
    SELECT topic, partition FROM unnest($1::text[], $2::int[]) AS assigned (topic, partition)
), made AS (
    INSERT INTO read_offset (topic, partition, next_offset)
    SELECT topic, partition, 0 FROM assigned ORDER BY topic, partition
    ON CONFLICT DO NOTHING
)
SELECT topic, partition, next_offset, stamp FROM read_offset JOIN assigned USING (topic, partition)
