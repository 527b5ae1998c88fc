-- Consultations held online and medicines delivered, of which the days count their channels; and what a day last said of them.

CREATE TABLE bulletin_consultation (
    key          text PRIMARY KEY,
    jurisdiction text,
    channel_id   text,
    held_on      date,
    person_ref   text,
    expert_ref   text,
    refers       boolean
);
CREATE INDEX bulletin_consultation_of_channel ON bulletin_consultation (jurisdiction, channel_id, held_on);
CREATE TABLE bulletin_delivery (
    key          text PRIMARY KEY,
    jurisdiction text,
    channel_id   text,
    delivered_on date
);
CREATE INDEX bulletin_delivery_of_channel ON bulletin_delivery (jurisdiction, channel_id, delivered_on);
ALTER TABLE bulletin_day ADD COLUMN online_care text;
COMMENT ON COLUMN bulletin_day.online_care IS 'the counts of each channel as said last, so that a day that no longer holds is found';
UPDATE bulletin_day SET online_care = '' WHERE confirmed_imported IS NOT NULL;

-- Each day that has a bulletin has a public edition as well from now on: all are judged again, and wake it.
INSERT INTO wakes (kind, key, partition) SELECT 'day', key, partition FROM state WHERE kind = 'day';
