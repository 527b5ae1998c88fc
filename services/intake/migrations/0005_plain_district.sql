-- redraw: case
-- Districts as they are compared: without case, blanks and accents.

ALTER TABLE intake_transfer ADD COLUMN plain_district text;

DROP INDEX intake_transfer_due_of_district;
CREATE INDEX intake_transfer_due_of_district ON intake_transfer (jurisdiction, plain_district, transfer_by, key)
    WHERE transfer_by IS NOT NULL;

DROP INDEX intake_transfer_unplaced_of_district;
CREATE INDEX intake_transfer_unplaced_of_district ON intake_transfer (jurisdiction, plain_district, unplaced_since, key)
    WHERE unplaced_since IS NOT NULL;

DROP INDEX intake_transfer_duplicate_of_district;
CREATE INDEX intake_transfer_duplicate_of_district ON intake_transfer (jurisdiction, plain_district, duplicate_since, key)
    WHERE duplicate_since IS NOT NULL;
