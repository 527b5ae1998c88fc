-- Every hold that stands, the oldest first.
SELECT person_ref, keys, since, held_by, why FROM hold ORDER BY since, person_ref
