-- The copy of the directory, and beside it a revision: another value after every change of the copy.

CREATE TABLE institution (
    key          text PRIMARY KEY,
    jurisdiction text,
    entry        json
);

CREATE TABLE institution_revision (revision uuid NOT NULL);
INSERT INTO institution_revision VALUES (gen_random_uuid());
COMMENT ON TABLE institution_revision IS 'another value after every change of institution: whoever holds a copy reads it anew';
CREATE FUNCTION revise_institution() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE institution_revision SET revision = gen_random_uuid();
    RETURN NULL;
END $$;
CREATE TRIGGER institution_revised AFTER INSERT OR UPDATE OR DELETE ON institution
    FOR EACH STATEMENT EXECUTE FUNCTION revise_institution();
