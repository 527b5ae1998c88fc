-- Notes how far has been read, never back; a row that does not know what this process knows is not touched, and is missing.
UPDATE read_offset
SET next_offset = greatest(read_offset.next_offset, judged.next_offset),
    stamp = CASE WHEN judged.next_offset > read_offset.next_offset THEN judged.stamp ELSE read_offset.stamp END
FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[])
     AS judged (topic, partition, known, next_offset, stamp)
WHERE read_offset.topic = judged.topic AND read_offset.partition = judged.partition
  AND read_offset.next_offset >= judged.known
