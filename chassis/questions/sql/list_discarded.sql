-- What operators have taken out for good, in the order in which it was parked, after an entry.
SELECT parked_id AS id, reason, kind, key, topic, partition, record_offset, received_at, parked_at,
       encode(digest, 'hex') AS digest, discarded_at, discarded_by, why
FROM discarded WHERE parked_id > $1 ORDER BY parked_id LIMIT $2
