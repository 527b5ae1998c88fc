-- Rows of persons who are erased go, and what they have moved stays counted: the trigger takes it out, this puts it back.
WITH gone AS (
    DELETE FROM bulletin_case AS one WHERE key = ANY ($1::text[]) AND $2::text IS NOT NULL RETURNING one
)
SELECT move_bulletin_tally(NULL, array_agg(one)) FROM gone
