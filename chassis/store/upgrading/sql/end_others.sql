-- Ends the other connections of this role's services here: whoever connects again is asked whether its code still fits.
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND application_name = 'afterward' AND pid <> pg_backend_pid()
