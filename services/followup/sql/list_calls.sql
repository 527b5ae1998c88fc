-- Calls to patients who were silent, the first due first: of a jurisdiction or one district, up to an instant, after a place.
SELECT key, district, call_by AS due, call AS item
FROM followup_case
WHERE call_by IS NOT NULL AND jurisdiction = $1
  AND ($2::text IS NULL OR plain_district = $2)
  AND ($3::timestamptz IS NULL OR call_by < $3)
  AND ($4::timestamptz IS NULL OR (call_by, key) > ($4, $5::text))
ORDER BY call_by, key
LIMIT $6
