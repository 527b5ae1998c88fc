-- What an operator asked to be judged again, in the order in which it was parked.
SELECT id, kind, key, topic, partition, record_offset, received_at, record_key, headers, value
FROM parked WHERE replay AND partition = ANY ($1::int[]) ORDER BY id LIMIT $2
