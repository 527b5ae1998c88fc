-- Notes how far the group had read when an epoch began.
UPDATE read_offset SET group_offset = greatest(group_offset, committed.next_offset)
FROM unnest($1::text[], $2::int[], $3::bigint[]) AS committed (topic, partition, next_offset)
WHERE read_offset.topic = committed.topic AND read_offset.partition = committed.partition
