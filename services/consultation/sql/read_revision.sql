-- Which revision the copy of the directory has.
SELECT revision FROM institution_revision
