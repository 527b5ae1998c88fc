-- What every service keeps: its cases, what it said, what it has yet to send, who must be woken, what could not be judged.
-- Compression is the server's: set default_toast_compression to lz4 where it is built with it.

CREATE TABLE state (
    kind      text        NOT NULL,
    key       text        NOT NULL,
    version   bigint      NOT NULL DEFAULT 0,
    due       timestamptz,
    judged    timestamptz,
    partition integer     NOT NULL,
    stuck     boolean     NOT NULL DEFAULT false,
    seen      bytea NOT NULL DEFAULT '',
    document  json,
    PRIMARY KEY (kind, key)
) WITH (fillfactor = 80);
ALTER TABLE state ALTER COLUMN seen SET STORAGE EXTERNAL;
CREATE INDEX state_due ON state (partition, due) WHERE due IS NOT NULL AND NOT stuck;
COMMENT ON COLUMN state.seen IS 'the inbox: 8 bytes of hash for each message ever judged for this row';
COMMENT ON COLUMN state.document IS '[facts, conclusions]';
COMMENT ON COLUMN state.stuck IS 'a rule raised: later messages are parked behind the one that made it raise';

CREATE SEQUENCE statement_id;
CREATE TABLE archive (
    id          bigint      NOT NULL DEFAULT nextval('statement_id'),
    recorded_at timestamptz NOT NULL,
    topic       text        NOT NULL,
    key         text        NOT NULL,
    partition   integer     NOT NULL,
    event_id    uuid        NOT NULL,
    message     bytea NOT NULL,
    PRIMARY KEY (recorded_at, id)
) PARTITION BY RANGE (recorded_at);
COMMENT ON TABLE archive IS 'every event this service ever stated, append-only; a lost bus is refilled from it';

CREATE TABLE outbox (
    shard       integer     NOT NULL,
    id          bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (shard, id)
) WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 10000);
COMMENT ON TABLE outbox IS 'what the bus has not acknowledged yet';

CREATE TABLE wakes (
    id        bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind      text    NOT NULL,
    key       text    NOT NULL,
    partition integer NOT NULL
);
CREATE INDEX wakes_row ON wakes (kind, key);
COMMENT ON TABLE wakes IS 'rows of state that something else has asked to be judged again, once or more often';

CREATE TABLE parked (
    id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest        bytea       NOT NULL UNIQUE,
    reason        text        NOT NULL,
    parked_at     timestamptz NOT NULL,
    replay        boolean     NOT NULL DEFAULT false,
    kind          text,
    key           text,
    topic         text,
    partition     integer     NOT NULL,
    record_offset bigint,
    came          timestamptz,
    record_key    bytea,
    headers       json,
    value         bytea
);
CREATE INDEX parked_case ON parked (kind, key, id);
CREATE INDEX parked_replay ON parked (partition, id) WHERE replay;
COMMENT ON TABLE parked IS 'what could not be judged: why, where it came from, and the bytes to put it back in';
