-- How far has been read, and how far the group had when the present epoch began.
SELECT topic, partition, next_offset, group_offset FROM read_offset ORDER BY topic, partition
