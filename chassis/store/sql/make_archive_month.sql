-- The archive's partition of the month in which an instant lies, in UTC, exists afterwards.
SELECT make_archive_month($1)
