-- What an operator took out of `parked` for good: everything about it but its bytes, who did so and why.
CREATE TABLE discarded (
    parked_id     bigint      PRIMARY KEY,
    digest        bytea       NOT NULL,
    reason        text        NOT NULL,
    parked_at     timestamptz NOT NULL,
    kind          text,
    key           text,
    topic         text,
    partition     integer     NOT NULL,
    record_offset bigint,
    came          timestamptz,
    discarded_at  timestamptz NOT NULL,
    discarded_by  text        NOT NULL,
    why           text        NOT NULL
);
COMMENT ON TABLE discarded IS 'parked records that an operator took out for good: all but their bytes, who and why';
