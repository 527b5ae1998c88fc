-- Who has read what over HTTP, and what operators have had done: rows are only ever added.

CREATE TABLE access_log (
    id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    who     text        NOT NULL,
    means   text        NOT NULL,
    what    text        NOT NULL,
    purpose text,
    outcome text        NOT NULL,
    cases   text[]      NOT NULL
);
CREATE INDEX access_log_at ON access_log (at);
CREATE INDEX access_log_who ON access_log (who, id);
CREATE INDEX access_log_cases ON access_log USING gin (cases);
COMMENT ON TABLE access_log IS 'who has asked what over HTTP, with the cases that the answer tells of; append-only';
COMMENT ON COLUMN access_log.means IS 'how the reader was known: token, certificate, or local where nobody need be';
COMMENT ON COLUMN access_log.outcome IS 'answered, refused, or done';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
