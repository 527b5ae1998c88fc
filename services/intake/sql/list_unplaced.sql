-- Positives that confirm nobody, the first since the longest: of a jurisdiction or one district, up to an instant, after a place.
SELECT key, district, unplaced_since AS due, unplaced AS item
FROM intake_transfer
WHERE unplaced_since IS NOT NULL AND jurisdiction = $1
  AND ($2::text IS NULL OR plain_district = $2)
  AND ($3::timestamptz IS NULL OR unplaced_since < $3)
  AND ($4::timestamptz IS NULL OR (unplaced_since, key) > ($4, $5::text))
ORDER BY unplaced_since, key
LIMIT $6
