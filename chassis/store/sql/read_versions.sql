-- The kinds and versions of the rows that have these keys.
SELECT state.key, state.kind, state.version
FROM unnest($1::text[]) AS wanted (key)
CROSS JOIN unnest($2::text[]) AS known (kind)
JOIN state ON state.kind = known.kind AND state.key = wanted.key
