-- Whom a change of the directory wakes is a table in services/intake/routes.py, which the engine goes by.

DROP TRIGGER institution_wakes ON institution;
DROP FUNCTION wake_cases_of_institution();
