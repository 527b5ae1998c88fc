-- Alerts that nobody has acknowledged, the first due first: of a jurisdiction or one district, up to an instant, after a place.
SELECT key, district, alert_by AS due, alert AS item
FROM primarycare_case
WHERE alert_by IS NOT NULL AND jurisdiction = $1
  AND ($2::text IS NULL OR plain_district = $2)
  AND ($3::timestamptz IS NULL OR alert_by < $3)
  AND ($4::timestamptz IS NULL OR (alert_by, key) > ($4, $5::text))
ORDER BY alert_by, key
LIMIT $6
