-- Beside the copy of the directory: the cases that a change concerns.

-- Who waits for an institution, and whose institution is another than before, is judged again: seen at the commit, so
-- that the cases of the same batch are among them. A case of a batch beside it looks again by its own `due`.
CREATE INDEX primarycare_case_waits ON primarycare_case (jurisdiction, district) WHERE waits;
CREATE INDEX primarycare_case_primary ON primarycare_case (primary_id);
CREATE INDEX primarycare_case_asked ON primarycare_case (asked_id) WHERE asked_id IS NOT NULL;
CREATE FUNCTION wake_cases_of_institution() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND (OLD.jurisdiction, OLD.district, OLD.kind) IS NOT DISTINCT FROM (NEW.jurisdiction, NEW.district, NEW.kind) THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO wakes (kind, key, partition)
        SELECT 'case', one.key, state.partition
        FROM primarycare_case AS one JOIN state ON state.kind = 'case' AND state.key = one.key
        WHERE one.waits AND one.jurisdiction = NEW.jurisdiction AND one.district = NEW.district;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO wakes (kind, key, partition)
        SELECT 'case', one.key, state.partition
        FROM primarycare_case AS one JOIN state ON state.kind = 'case' AND state.key = one.key
        WHERE one.primary_id = OLD.key OR one.asked_id = OLD.key;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER institution_wakes AFTER INSERT OR UPDATE OR DELETE ON institution
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wake_cases_of_institution();
