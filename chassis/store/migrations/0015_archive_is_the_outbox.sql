-- The archive is the outbox: events are numbered densely within their shard, in the order of their commits, and a
-- watermark says how far the bus has acknowledged them. Nothing is written to be deleted.
-- `archive.id` keeps its name, so that a month that was detached before can be attached again as it is. What is archived
-- already keeps its ids; each shard goes on above all of them.

CREATE TABLE shard_stated (
    shard integer PRIMARY KEY,
    last  bigint  NOT NULL,
    epoch integer NOT NULL
) WITH (fillfactor = 40);
COMMENT ON TABLE shard_stated IS 'the last number of each partition of the topics; its row is locked while a transaction states events there';
COMMENT ON COLUMN shard_stated.epoch IS 'as in store_identity: nothing is stated in one that is over';

CREATE TABLE shard_sent (
    shard        integer PRIMARY KEY,
    acknowledged bigint  NOT NULL,
    again        bigint CHECK (again <= acknowledged),
    asked        integer NOT NULL DEFAULT 0
) WITH (fillfactor = 40);
COMMENT ON TABLE shard_sent IS 'how far the bus has acknowledged the events of each shard: all up to that number';
COMMENT ON COLUMN shard_sent.again IS 'all after this number is said again, in order; none: nothing is';
COMMENT ON COLUMN shard_sent.asked IS 'how often that was asked for: whoever is saying it again notices that it was asked anew';

INSERT INTO shard_stated (shard, last, epoch)
SELECT shard, (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM statement_id), (SELECT epoch FROM store_identity)
FROM generate_series(0, 5) AS shard;

INSERT INTO shard_sent (shard, acknowledged, again)
SELECT shard, last, (SELECT min(id) - 1 FROM outbox WHERE outbox.shard = shard_stated.shard) FROM shard_stated;

DROP TABLE outbox;
ALTER TABLE archive DROP CONSTRAINT archive_pkey;
ALTER TABLE archive ALTER COLUMN id DROP DEFAULT;
DROP SEQUENCE statement_id CASCADE;
CREATE INDEX archive_shard ON archive (partition, id);
COMMENT ON COLUMN archive.id IS 'the number of the event within its partition';

CREATE VIEW outbox AS
SELECT archive.partition AS shard, archive.id, archive.recorded_at
FROM shard_sent JOIN archive ON archive.partition = shard_sent.shard AND archive.id > coalesce(again, acknowledged);
COMMENT ON VIEW outbox IS 'the part of the archive that the bus has not acknowledged, or that is to be said again';
