-- What is kept and what is forgotten: who was erased and may not come back, whom a hold protects, what retention has removed.
-- All of it is new and empty; `access_log` is locked for a moment only, since its trigger's function is another.

CREATE FUNCTION erased_digest(kind text, key text) RETURNS bytea LANGUAGE sql STABLE
RETURN sha256(convert_to((SELECT id FROM store_identity)::text || ' ' || kind || ' ' || key, 'UTF8'));
COMMENT ON FUNCTION erased_digest IS 'a thing that was erased is known by no more than this; salted with what is another in each database';

CREATE TABLE erasure (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asked_at    timestamptz NOT NULL DEFAULT now(),
    asked_by    text        NOT NULL,
    why         text        NOT NULL,
    keys        text[]      NOT NULL,
    finished_at timestamptz
);
CREATE INDEX erasure_unfinished ON erasure (id) WHERE finished_at IS NULL;
COMMENT ON TABLE erasure IS 'that somebody was erased: when, by whom, why; never who';
COMMENT ON COLUMN erasure.keys IS 'what the owner has yet to take out of archive and access_log; empty once that is done';

CREATE TABLE erased (
    digest  bytea  PRIMARY KEY,
    erasure bigint NOT NULL
);
COMMENT ON TABLE erased IS 'things that were erased, as erased_digest: what is reported or said of them is passed over';

CREATE TABLE hold (
    person_ref text        PRIMARY KEY,
    keys       text[]      NOT NULL,
    since      timestamptz NOT NULL DEFAULT now(),
    held_by    text        NOT NULL,
    why        text        NOT NULL
);
CREATE INDEX hold_keys ON hold USING gin (keys);
COMMENT ON TABLE hold IS 'persons whom neither erasure nor retention touches';
COMMENT ON COLUMN hold.keys IS 'all ids of the person that were known when the hold was last asked for';

CREATE TABLE retention (
    what    text        PRIMARY KEY,
    removed bigint      NOT NULL,
    last_at timestamptz NOT NULL
);
COMMENT ON TABLE retention IS 'how much retention has removed, and when it last ran';

-- The owner may change access_log where it says so first, for retention and erasure; the service's role has no right to.
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('afterward.keeping', true) = TG_TABLE_NAME AND TG_OP <> 'TRUNCATE'
       AND pg_has_role((SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
