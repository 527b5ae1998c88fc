-- Prescriptions that wait for a pharmacist, the first due first: of a jurisdiction or one district, up to an instant, after a place.
SELECT key, district, review_by AS due, review AS item
FROM consultation_prescription
WHERE review_by IS NOT NULL AND jurisdiction = $1
  AND ($2::text IS NULL OR plain_district = $2)
  AND ($3::timestamptz IS NULL OR review_by < $3)
  AND ($4::timestamptz IS NULL OR (review_by, key) > ($4, $5::text))
ORDER BY review_by, key
LIMIT $6
