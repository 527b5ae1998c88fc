-- A store that has gone back begins an epoch of its own: what was heard of the time that it lost is settled thing by thing.
ALTER TABLE read_offset ADD COLUMN group_offset bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN read_offset.group_offset IS 'how far the group had read when the present epoch began: up to there it is no sign that the store has gone back';

CREATE TABLE lost_word (
    kind      text    NOT NULL,
    key       text    NOT NULL,
    thing     text    NOT NULL,
    partition integer NOT NULL,
    sequence  bigint  NOT NULL,
    message   bytea   NOT NULL,
    since     timestamptz,
    PRIMARY KEY (kind, key, thing)
);
CREATE INDEX lost_word_since ON lost_word (partition, since) WHERE since IS NOT NULL;
COMMENT ON TABLE lost_word IS 'the last word on a thing that readers have heard and this store does not know; gone once the store has had the last word itself';
COMMENT ON COLUMN lost_word.since IS 'when the epoch began in which it is settled; none while its words are still being collected';
