-- What was held stays counted in its channel, as a consultation of somebody; any other row goes.
WITH gone AS (
    DELETE FROM consultation_request WHERE key = ANY ($1::text[]) AND held_by IS NULL
)
UPDATE consultation_request
SET key = 'erased-' || gen_random_uuid(), person_ref = $2, district = NULL, plain_district = NULL, class_rank = NULL,
    requested_at = NULL, waiting = false, assigned = false, unplaced = false, open = false, referred_to = NULL, seeks = false,
    answer_by = NULL, item = NULL, case_id = NULL, care = NULL, prescription_id = NULL, prescription = NULL, unproven = false,
    calls = NULL
WHERE key = ANY ($1::text[]) AND held_by IS NOT NULL
