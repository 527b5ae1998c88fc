-- The kinds and versions of the rows that have these keys; one that was erased has said all that the bus may have of it.
SELECT state.key, state.kind, state.version
FROM unnest($1::text[]) AS wanted (key)
CROSS JOIN unnest($2::text[]) AS known (kind)
JOIN state ON state.kind = known.kind AND state.key = wanted.key
UNION ALL
SELECT wanted.key, known.kind, 9223372036854775807
FROM unnest($1::text[]) AS wanted (key)
CROSS JOIN unnest($2::text[]) AS known (kind)
WHERE EXISTS (SELECT FROM erased WHERE digest = erased_digest(known.kind, wanted.key))
