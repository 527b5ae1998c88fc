-- Takes away the rows that were just made for what has been erased, and says which: nothing is to be known of it again.
DELETE FROM state USING unnest($1::text[], $2::text[]) AS made (kind, key)
WHERE state.kind = made.kind AND state.key = made.key AND document IS NULL
  AND EXISTS (SELECT FROM erased WHERE digest = erased_digest(made.kind, made.key))
RETURNING state.kind, state.key
