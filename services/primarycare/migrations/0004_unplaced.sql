-- Who finds no institution near home, and districts as they are compared: without case, blanks and accents.

ALTER TABLE primarycare_case ADD COLUMN plain_district text;
ALTER TABLE primarycare_case ADD COLUMN unplaced_by timestamptz;
ALTER TABLE primarycare_case ADD COLUMN unplaced json;
COMMENT ON COLUMN primarycare_case.unplaced IS 'a discharge of which nobody near home is told; the commission is by unplaced_by';

-- As schemas.places has it, for the rows there are; each is written anew when its case is judged.
UPDATE primarycare_case SET plain_district = lower(regexp_replace(normalize(district, NFKD), '[^[:alnum:]]', '', 'g'));

DROP INDEX primarycare_case_waits;
CREATE INDEX primarycare_case_waits ON primarycare_case (jurisdiction) WHERE waits;
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
