-- Removes what has been judged after all.
DELETE FROM parked WHERE id = ANY ($1::bigint[])
