-- Consumes the wakes of rows that are locked now and are judged in this transaction; one not yet committed stays.
DELETE FROM wakes USING unnest($1::text[], $2::text[]) AS woken (kind, key)
WHERE wakes.kind = woken.kind AND wakes.key = woken.key
