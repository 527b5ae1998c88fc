-- How far this service has read, kept where its cases are: a store that is set back, or is another one, says so itself.
-- One row a partition is rewritten with every transaction: room for the new version lies beside the old one.
CREATE TABLE read_offset (
    topic       text    NOT NULL,
    partition   integer NOT NULL,
    next_offset bigint  NOT NULL,
    stamp       bigint,
    PRIMARY KEY (topic, partition)
) WITH (fillfactor = 40);
COMMENT ON TABLE read_offset IS 'all that lies before next_offset has been judged, parked or passed over, and is in this database';
COMMENT ON COLUMN read_offset.next_offset IS '0: nothing has been read';
COMMENT ON COLUMN read_offset.stamp IS 'the timestamp on the bus, in milliseconds, of the record before next_offset: another bus has another one there';

CREATE TABLE store_identity (
    id    uuid    NOT NULL DEFAULT gen_random_uuid(),
    epoch integer NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX store_identity_one ON store_identity ((true));
COMMENT ON TABLE store_identity IS 'one row: which store this is, also after it was restored elsewhere, and how often it has gone back';
INSERT INTO store_identity DEFAULT VALUES;
