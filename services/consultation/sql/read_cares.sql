-- What was asked under each of these cases, in the order of the consultations' ids.
SELECT case_id AS key, json_agg(care ORDER BY key) AS cares
FROM consultation_request WHERE case_id = ANY ($1::text[]) GROUP BY case_id
