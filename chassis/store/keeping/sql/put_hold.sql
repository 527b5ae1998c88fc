-- A hold begins; one that stands goes on, with what has become known of the person since.
INSERT INTO hold (person_ref, keys, held_by, why) VALUES ($1, $2::text[], $3, $4)
ON CONFLICT (person_ref) DO UPDATE
SET keys = ARRAY(SELECT DISTINCT unnest(hold.keys || excluded.keys) ORDER BY 1)
