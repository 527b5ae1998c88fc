-- What operators have taken out for good, in the order in which it was parked.
SELECT parked_id AS id, reason, kind, key, topic, partition, record_offset, received_at, parked_at, encode(digest, 'hex') AS digest,
       discarded_at, discarded_by, why
FROM discarded ORDER BY parked_id
