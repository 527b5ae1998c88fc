-- One parked record, with its bytes.
SELECT id, reason, kind, key, topic, partition, record_offset, received_at, parked_at, replay, cut,
       coalesce(octet_length(value), 0) AS bytes, record_key, headers, value
FROM parked WHERE id = $1
