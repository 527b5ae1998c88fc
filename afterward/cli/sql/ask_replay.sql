-- Asks for parked records to be judged again: all of them, or some with whatever waits behind the same cases.
UPDATE parked SET replay = true
WHERE $1 OR id = ANY ($2::bigint[])
   OR (kind, key) IN (SELECT kind, key FROM parked WHERE id = ANY ($2::bigint[]))
RETURNING id
