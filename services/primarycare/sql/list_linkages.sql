-- Linkages that nobody has taken on, the first due first: of a jurisdiction or one district, up to an instant, after a place.
SELECT key, district, linkage_by AS due, linkage AS item
FROM primarycare_case
WHERE linkage_by IS NOT NULL AND jurisdiction = $1
  AND ($2::text IS NULL OR plain_district = $2)
  AND ($3::timestamptz IS NULL OR linkage_by < $3)
  AND ($4::timestamptz IS NULL OR (linkage_by, key) > ($4, $5::text))
ORDER BY linkage_by, key
LIMIT $6
