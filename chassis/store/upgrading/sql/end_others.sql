-- Ends the other connections of this role's and its service's processes here: whoever connects again is asked whether its
-- code still fits.
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'afterward' AND pid <> pg_backend_pid()
  AND pg_has_role(usesysid, 'USAGE')
