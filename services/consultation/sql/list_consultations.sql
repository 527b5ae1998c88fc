-- Consultations that nobody has held, the first due first: of a jurisdiction or one district, up to an instant, after a place.
SELECT key, district, answer_by AS due, item
FROM consultation_request
WHERE answer_by IS NOT NULL AND jurisdiction = $1
  AND ($2::text IS NULL OR plain_district = $2)
  AND ($3::timestamptz IS NULL OR answer_by < $3)
  AND ($4::timestamptz IS NULL OR (answer_by, key) > ($4, $5::text))
ORDER BY answer_by, key
LIMIT $6
