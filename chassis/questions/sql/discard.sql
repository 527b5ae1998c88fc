-- Takes a parked record out for good; all but its bytes is kept, with who did so and why.
WITH gone AS (
    DELETE FROM parked WHERE id = $1 AND NOT replay
    RETURNING id, digest, reason, parked_at, kind, key, topic, partition, record_offset, received_at
)
INSERT INTO discarded (parked_id, digest, reason, parked_at, kind, key, topic, partition, record_offset, received_at,
                       discarded_at, discarded_by, why)
SELECT id, digest, reason, parked_at, kind, key, topic, partition, record_offset, received_at, now(), $2, $3 FROM gone
