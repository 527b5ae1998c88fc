-- Channels with a gap in their roster, the first to begin first: of a jurisdiction or one district, up to an instant, after a place.
SELECT key, district, gap_from AS due, gap AS item
FROM consultation_channel
WHERE gap_from IS NOT NULL AND jurisdiction = $1
  AND ($2::text IS NULL OR plain_district = $2)
  AND ($3::timestamptz IS NULL OR gap_from < $3)
  AND ($4::timestamptz IS NULL OR (gap_from, key) > ($4, $5::text))
ORDER BY gap_from, key
LIMIT $6
