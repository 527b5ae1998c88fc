-- Locks and reads the next documents of a kind, in the order of their keys.
SELECT key, judged, document FROM state
WHERE kind = $1 AND key > $2 AND document IS NOT NULL
ORDER BY key LIMIT $3
FOR NO KEY UPDATE
