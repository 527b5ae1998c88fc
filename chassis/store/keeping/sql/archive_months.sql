-- The months of the archive, the oldest first, and whether one is on its way out.
SELECT inhrelid::regclass::text AS month, relname AS name, inhdetachpending AS pending
FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'archive'::regclass ORDER BY relname
