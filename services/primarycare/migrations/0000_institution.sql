-- The copy of the directory, and beside it a revision: another value after every change of the copy.
-- formerly: table/institution e3d646f67ac2e28dddd1202abd8f2ba41cbce0b32e418aa564caa8366754865a

CREATE TABLE institution (
    key          text PRIMARY KEY,
    jurisdiction text,
    district     text,
    kind         text,
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
