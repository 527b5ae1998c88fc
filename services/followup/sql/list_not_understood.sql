-- Words that nobody understands, those told first first: of a jurisdiction or one district, up to an instant, after a place.
SELECT key, district, word_at AS due, word AS item
FROM followup_case
WHERE word_at IS NOT NULL AND jurisdiction = $1
  AND ($2::text IS NULL OR plain_district = $2)
  AND ($3::timestamptz IS NULL OR word_at < $3)
  AND ($4::timestamptz IS NULL OR (word_at, key) > ($4, $5::text))
ORDER BY word_at, key
LIMIT $6
