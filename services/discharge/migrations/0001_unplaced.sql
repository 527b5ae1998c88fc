-- Cases whose place is that of an institution, as intake has not said where they are; a change of it wakes them.

CREATE TABLE discharge_unplaced (
    key            text PRIMARY KEY,
    institution_id text
);
CREATE INDEX discharge_unplaced_institution ON discharge_unplaced (institution_id);

-- Seen at the commit, so that the cases of the same batch are among them. A case of a batch beside it looks again by its
-- own `due`.
CREATE FUNCTION wake_cases_of_institution() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO wakes (kind, key, partition)
    SELECT 'case', one.key, state.partition
    FROM discharge_unplaced AS one JOIN state ON state.kind = 'case' AND state.key = one.key
    WHERE one.institution_id = (CASE WHEN TG_OP = 'DELETE' THEN OLD.key ELSE NEW.key END);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER institution_wakes AFTER INSERT OR UPDATE OR DELETE ON institution
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wake_cases_of_institution();
