-- How many of these things are known, and of how many the clock, or an operator, has yet to come.
SELECT count(*) AS known, count(*) FILTER (WHERE due IS NOT NULL OR blocked) AS open
FROM state JOIN unnest($1::text[], $2::text[]) AS named (kind, key) ON state.kind = named.kind AND state.key = named.key
