-- Asks for parked records to be judged again: all of them, or some with whatever waits behind the same cases; never one that was cut.
UPDATE parked SET replay = true
WHERE NOT cut
  AND ($1 OR id = ANY ($2::bigint[])
       OR (kind, key) IN (SELECT kind, key FROM parked WHERE id = ANY ($2::bigint[])))
RETURNING id, kind, key
