-- Keeps words that readers have heard and this store does not know: of each thing the last; of what was erased none.
INSERT INTO lost_word (kind, key, thing, partition, sequence, message)
SELECT kind, key, thing, partition, sequence, message
FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::bigint[], $6::bytea[])
     AS heard (kind, key, thing, partition, sequence, message)
WHERE NOT EXISTS (SELECT FROM erased WHERE digest = erased_digest(heard.kind, heard.key))
ON CONFLICT (kind, key, thing) DO UPDATE
SET sequence = excluded.sequence, message = excluded.message, since = excluded.since
WHERE lost_word.sequence < excluded.sequence
