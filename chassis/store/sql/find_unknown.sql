-- Parked after a number because nobody knew their type: what a newer version of the code may know.
SELECT id, headers, value FROM parked
WHERE reason = 'unknown_type' AND NOT replay AND NOT cut AND partition = ANY ($1::int[]) AND id > $2
ORDER BY id LIMIT $3
