-- Cases of one person whose courses overlap, the first since the longest: of a jurisdiction or one district, up to an instant, after a place.
SELECT key, district, duplicate_since AS due, duplicate AS item
FROM intake_transfer
WHERE duplicate_since IS NOT NULL AND jurisdiction = $1
  AND ($2::text IS NULL OR plain_district = $2)
  AND ($3::timestamptz IS NULL OR duplicate_since < $3)
  AND ($4::timestamptz IS NULL OR (duplicate_since, key) > ($4, $5::text))
ORDER BY duplicate_since, key
LIMIT $6
