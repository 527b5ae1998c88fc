-- Forgets how far these partitions were read, as they were on another bus; one that has been read on since is left alone.
UPDATE read_offset SET next_offset = 0, stamp = NULL
FROM unnest($1::text[], $2::int[], $3::bigint[]) AS other (topic, partition, next_offset)
WHERE read_offset.topic = other.topic AND read_offset.partition = other.partition
  AND read_offset.next_offset = other.next_offset
