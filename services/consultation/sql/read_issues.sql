-- The prescriptions of these ids as their consultations have them; of two consultations that claim one, the first by when
-- it was written, which is the eighth value (`Issue` of domain/prescription/facts.py).
SELECT DISTINCT ON (prescription_id) prescription_id AS key, prescription AS issue
FROM consultation_request WHERE prescription_id = ANY ($1::text[])
ORDER BY prescription_id, prescription ->> 7, key
