-- Transfers that are awaited, the first due first: of a jurisdiction or one district, up to an instant, after a place.
SELECT key, district, transfer_by AS due, transfer AS item
FROM intake_transfer
WHERE transfer_by IS NOT NULL AND jurisdiction = $1
  AND ($2::text IS NULL OR plain_district = $2)
  AND ($3::timestamptz IS NULL OR transfer_by < $3)
  AND ($4::timestamptz IS NULL OR (transfer_by, key) > ($4, $5::text))
ORDER BY transfer_by, key
LIMIT $6
