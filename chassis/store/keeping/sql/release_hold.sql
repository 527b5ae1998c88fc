-- A hold ends.
DELETE FROM hold WHERE person_ref = $1 RETURNING keys
