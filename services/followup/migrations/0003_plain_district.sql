-- redraw: case
-- Districts as they are compared: without case, blanks and accents.

ALTER TABLE followup_case ADD COLUMN plain_district text;

DROP INDEX followup_case_calls_of_district;
CREATE INDEX followup_case_calls_of_district ON followup_case (jurisdiction, plain_district, call_by, key)
    WHERE call_by IS NOT NULL;

DROP INDEX followup_case_visits_of_district;
CREATE INDEX followup_case_visits_of_district ON followup_case (jurisdiction, plain_district, visit_by, key)
    WHERE visit_by IS NOT NULL;

DROP INDEX followup_case_words_of_district;
CREATE INDEX followup_case_words_of_district ON followup_case (jurisdiction, plain_district, word_at, key)
    WHERE word_at IS NOT NULL;
