-- What spans consultations: the queue of each channel, the channels with their rosters, prescriptions on their way.

CREATE TABLE consultation_request (
    key             text PRIMARY KEY,
    jurisdiction    text,
    district        text,
    plain_district  text,
    channel_id      text,
    class_rank      integer,
    requested_at    timestamptz,
    waiting         boolean,
    assigned        boolean,
    unplaced        boolean,
    open            boolean,
    expert_ref      text,
    person_ref      text,
    held_by         text,
    refers          boolean,
    referred_to     text,
    seeks           boolean,
    answer_by       timestamptz,
    item            json,
    case_id         text,
    care            json,
    prescription_id text,
    prescription    json,
    unproven        boolean,
    calls           text
);
COMMENT ON TABLE consultation_request IS 'one row a consultation: its place in a queue, and what is counted of it';

-- The head of a queue is found without a look at the others who wait, and what an expert has open without those.
CREATE INDEX consultation_request_queue ON consultation_request (channel_id, class_rank, requested_at, key) WHERE waiting;
CREATE INDEX consultation_request_assigned ON consultation_request (channel_id, expert_ref) WHERE assigned;
CREATE INDEX consultation_request_open ON consultation_request (channel_id) WHERE open;
CREATE INDEX consultation_request_unplaced ON consultation_request (jurisdiction) WHERE unplaced;
CREATE INDEX consultation_request_unproven ON consultation_request (channel_id) WHERE unproven;
CREATE INDEX consultation_request_seeks ON consultation_request (jurisdiction) WHERE seeks;
CREATE INDEX consultation_request_referred ON consultation_request (referred_to) WHERE referred_to IS NOT NULL;
CREATE INDEX consultation_request_held ON consultation_request (channel_id, person_ref, held_by) WHERE held_by IS NOT NULL;
CREATE INDEX consultation_request_case ON consultation_request (case_id, key) WHERE case_id IS NOT NULL;
CREATE INDEX consultation_request_prescription ON consultation_request (prescription_id) WHERE prescription_id IS NOT NULL;

-- The order of the work list, for a jurisdiction and for a district.
CREATE INDEX consultation_request_due ON consultation_request (jurisdiction, answer_by, key) WHERE answer_by IS NOT NULL;
CREATE INDEX consultation_request_due_of_district ON consultation_request (jurisdiction, plain_district, answer_by, key)
    WHERE answer_by IS NOT NULL;

CREATE TABLE consultation_channel (
    key            text PRIMARY KEY,
    jurisdiction   text,
    district       text,
    institution_id text,
    is_open        boolean,
    entry          json,
    shifts         json,
    gap_from       timestamptz,
    gap            json,
    plain_district text
);
CREATE INDEX consultation_channel_institution ON consultation_channel (institution_id);
CREATE INDEX consultation_channel_gap ON consultation_channel (jurisdiction, gap_from, key) WHERE gap_from IS NOT NULL;
CREATE INDEX consultation_channel_gap_of_district ON consultation_channel (jurisdiction, plain_district, gap_from, key)
    WHERE gap_from IS NOT NULL;

CREATE TABLE consultation_channel_revision (revision uuid NOT NULL);
INSERT INTO consultation_channel_revision VALUES (gen_random_uuid());
COMMENT ON TABLE consultation_channel_revision IS 'another value after every change of consultation_channel: whoever holds a copy reads it anew';
CREATE FUNCTION revise_consultation_channel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE consultation_channel_revision SET revision = gen_random_uuid();
    RETURN NULL;
END $$;
CREATE TRIGGER consultation_channel_revised AFTER INSERT OR UPDATE OR DELETE ON consultation_channel
    FOR EACH STATEMENT EXECUTE FUNCTION revise_consultation_channel();

CREATE TABLE consultation_prescription (
    key            text PRIMARY KEY,
    jurisdiction   text,
    district       text,
    review_by      timestamptz,
    review         json,
    deliver_by     timestamptz,
    delivery       json,
    plain_district text
);
CREATE INDEX consultation_prescription_review ON consultation_prescription (jurisdiction, review_by, key)
    WHERE review_by IS NOT NULL;
CREATE INDEX consultation_prescription_delivery ON consultation_prescription (jurisdiction, deliver_by, key)
    WHERE deliver_by IS NOT NULL;
CREATE INDEX consultation_prescription_review_of_district
    ON consultation_prescription (jurisdiction, plain_district, review_by, key) WHERE review_by IS NOT NULL;
CREATE INDEX consultation_prescription_delivery_of_district
    ON consultation_prescription (jurisdiction, plain_district, deliver_by, key) WHERE deliver_by IS NOT NULL;
