-- Cases whose place is that of an institution, as intake has not said where they are; a change of it wakes them.

CREATE TABLE discharge_unplaced (
    key            text PRIMARY KEY,
    institution_id text
);
CREATE INDEX discharge_unplaced_institution ON discharge_unplaced (institution_id);
