-- Discharges of which nobody near home is told, the first due first: of a jurisdiction or one district, up to an instant, after a place.
SELECT key, district, unplaced_by AS due, unplaced AS item
FROM primarycare_case
WHERE unplaced_by IS NOT NULL AND jurisdiction = $1
  AND ($2::text IS NULL OR plain_district = $2)
  AND ($3::timestamptz IS NULL OR unplaced_by < $3)
  AND ($4::timestamptz IS NULL OR (unplaced_by, key) > ($4, $5::text))
ORDER BY unplaced_by, key
LIMIT $6
