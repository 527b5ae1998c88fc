-- Home visits to be made and return visits to be attended, the first due first: of a jurisdiction or one district, up to an instant, after a place.
SELECT key, district, visit_by AS due, visit AS item
FROM followup_case
WHERE visit_by IS NOT NULL AND jurisdiction = $1
  AND ($2::text IS NULL OR plain_district = $2)
  AND ($3::timestamptz IS NULL OR visit_by < $3)
  AND ($4::timestamptz IS NULL OR (visit_by, key) > ($4, $5::text))
ORDER BY visit_by, key
LIMIT $6
