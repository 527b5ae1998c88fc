-- redraw: case
-- Who belongs together, by party and by person, and what somebody has to look into: a case is on three lists.

ALTER TABLE intake_transfer
    ADD COLUMN party_id text,
    ADD COLUMN person_ref text,
    ADD COLUMN required json,
    ADD COLUMN course_from timestamptz,
    ADD COLUMN course_until timestamptz,
    ADD COLUMN unplaced_since timestamptz,
    ADD COLUMN unplaced json,
    ADD COLUMN duplicate_since timestamptz,
    ADD COLUMN duplicate json,
    ADD COLUMN chosen_at timestamptz;

CREATE INDEX intake_transfer_party ON intake_transfer (party_id, key) WHERE party_id IS NOT NULL;
CREATE INDEX intake_transfer_person ON intake_transfer (person_ref, key) WHERE person_ref IS NOT NULL;

CREATE INDEX intake_transfer_unplaced ON intake_transfer (jurisdiction, unplaced_since, key)
    WHERE unplaced_since IS NOT NULL;
CREATE INDEX intake_transfer_unplaced_of_district ON intake_transfer (jurisdiction, district, unplaced_since, key)
    WHERE unplaced_since IS NOT NULL;
CREATE INDEX intake_transfer_duplicate ON intake_transfer (jurisdiction, duplicate_since, key)
    WHERE duplicate_since IS NOT NULL;
CREATE INDEX intake_transfer_duplicate_of_district ON intake_transfer (jurisdiction, district, duplicate_since, key)
    WHERE duplicate_since IS NOT NULL;

COMMENT ON COLUMN intake_transfer.jurisdiction IS 'where the case is looked after; unknown: nobody knows';
COMMENT ON COLUMN intake_transfer.unplaced IS 'positives that confirm nobody, since unplaced_since';
COMMENT ON COLUMN intake_transfer.duplicate IS 'cases of the same person whose courses overlap, since duplicate_since';
