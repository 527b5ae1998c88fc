-- What readers have heard of these rows that this store does not know, and since when it is settled.
SELECT lost_word.kind, lost_word.key, thing, sequence, message, since
FROM unnest($1::text[], $2::text[]) AS wanted (kind, key)
JOIN lost_word ON lost_word.kind = wanted.kind AND lost_word.key = wanted.key
WHERE since IS NOT NULL
ORDER BY lost_word.kind, lost_word.key, sequence
