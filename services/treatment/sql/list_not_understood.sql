-- Cases with tests that no list knows, the earliest first: of a jurisdiction or one district, up to an instant, after a place.
SELECT key, district, not_understood_at AS due, not_understood AS item
FROM treatment_case
WHERE not_understood_at IS NOT NULL AND jurisdiction = $1
  AND ($2::text IS NULL OR plain_district = $2)
  AND ($3::timestamptz IS NULL OR not_understood_at < $3)
  AND ($4::timestamptz IS NULL OR (not_understood_at, key) > ($4, $5::text))
ORDER BY not_understood_at, key
LIMIT $6
