-- Which of these records are parked, and whether they were cut.
SELECT id, cut FROM parked WHERE id = ANY ($1::bigint[])
