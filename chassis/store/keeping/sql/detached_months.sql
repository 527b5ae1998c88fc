-- Months of the archive that were detached and lie here still.
SELECT oid::regclass::text AS month FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND NOT relispartition
  AND relname ~ '^archive_\d{4}_\d{2}$' ORDER BY relname
