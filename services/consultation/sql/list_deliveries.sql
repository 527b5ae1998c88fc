-- Medicines that wait to be dispensed, sent or brought, the first due first: of a jurisdiction or one district, up to an instant, after a place.
SELECT key, district, deliver_by AS due, delivery AS item
FROM consultation_prescription
WHERE deliver_by IS NOT NULL AND jurisdiction = $1
  AND ($2::text IS NULL OR plain_district = $2)
  AND ($3::timestamptz IS NULL OR deliver_by < $3)
  AND ($4::timestamptz IS NULL OR (deliver_by, key) > ($4, $5::text))
ORDER BY deliver_by, key
LIMIT $6
