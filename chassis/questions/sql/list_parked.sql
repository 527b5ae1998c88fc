-- What could not be judged, in the order in which it was parked, after an entry; without its bytes.
SELECT id, reason, kind, key, topic, partition, record_offset, received_at, parked_at, replay, cut,
       coalesce(octet_length(value), 0) AS bytes
FROM parked WHERE id > $1 ORDER BY id LIMIT $2
