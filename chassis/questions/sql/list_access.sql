-- Who has asked what, in the order in which it was recorded: of a case, by a reader, since an instant, after an entry.
SELECT id, at, who, means, what, purpose, outcome, cases
FROM access_log
WHERE id > $4
  AND ($1::text IS NULL OR cases @> ARRAY[$1::text])
  AND ($2::text IS NULL OR who = $2::text)
  AND ($3::timestamptz IS NULL OR at >= $3::timestamptz)
ORDER BY id LIMIT $5
