-- redraw: case
-- Districts as they are compared: without case, blanks and accents.

ALTER TABLE treatment_case ADD COLUMN plain_district text;

DROP INDEX treatment_case_not_understood_of_district;
CREATE INDEX treatment_case_not_understood_of_district ON treatment_case (jurisdiction, plain_district, not_understood_at, key)
    WHERE not_understood_at IS NOT NULL;
