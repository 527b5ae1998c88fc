-- Who finds no institution near home, and districts as they are compared: without case, blanks and accents.

ALTER TABLE primarycare_case ADD COLUMN plain_district text;
ALTER TABLE primarycare_case ADD COLUMN unplaced_by timestamptz;
ALTER TABLE primarycare_case ADD COLUMN unplaced json;
COMMENT ON COLUMN primarycare_case.unplaced IS 'a discharge of which nobody near home is told; the commission is by unplaced_by';

-- As schemas.places has it. Where the collation knows only the letters of ASCII more cases are woken than it concerns.
CREATE FUNCTION plain_name(district text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT lower(regexp_replace(normalize(district, NFKD), '[^[:alnum:]]', '', 'g'))
$$;
UPDATE primarycare_case SET plain_district = plain_name(district);

DROP INDEX primarycare_case_waits;
CREATE INDEX primarycare_case_waits ON primarycare_case (jurisdiction, plain_name(district)) WHERE waits;
DROP INDEX primarycare_case_linkages_of_district;
CREATE INDEX primarycare_case_linkages_of_district ON primarycare_case (jurisdiction, plain_district, linkage_by, key)
    WHERE linkage_by IS NOT NULL;
DROP INDEX primarycare_case_alerts_of_district;
CREATE INDEX primarycare_case_alerts_of_district ON primarycare_case (jurisdiction, plain_district, alert_by, key)
    WHERE alert_by IS NOT NULL;
CREATE INDEX primarycare_case_unplaced ON primarycare_case (jurisdiction, unplaced_by, key)
    WHERE unplaced_by IS NOT NULL;
CREATE INDEX primarycare_case_unplaced_of_district ON primarycare_case (jurisdiction, plain_district, unplaced_by, key)
    WHERE unplaced_by IS NOT NULL;

-- A commission concerns every case of its jurisdiction that waits.
CREATE OR REPLACE FUNCTION wake_cases_of_institution() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND (OLD.jurisdiction, OLD.district, OLD.kind) IS NOT DISTINCT FROM (NEW.jurisdiction, NEW.district, NEW.kind) THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO wakes (kind, key, partition)
        SELECT 'case', one.key, state.partition
        FROM primarycare_case AS one JOIN state ON state.kind = 'case' AND state.key = one.key
        WHERE one.waits AND one.jurisdiction = NEW.jurisdiction
          AND (plain_name(one.district) = plain_name(NEW.district) OR NEW.kind = 'health_commission');
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO wakes (kind, key, partition)
        SELECT 'case', one.key, state.partition
        FROM primarycare_case AS one JOIN state ON state.kind = 'case' AND state.key = one.key
        WHERE one.primary_id = OLD.key OR one.asked_id = OLD.key;
    END IF;
    RETURN NULL;
END $$;
