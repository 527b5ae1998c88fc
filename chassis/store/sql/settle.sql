-- These rows are settled: readers hold what this store says.
DELETE FROM lost_word USING unnest($1::text[], $2::text[]) AS settled (kind, key)
WHERE lost_word.kind = settled.kind AND lost_word.key = settled.key AND since IS NOT NULL
