-- Beside the copy of the directory: the cases that a change concerns, and how many were sent where each day.

-- Who waits for an institution, and whose institution is another than before, is judged again: seen at the commit, so
-- that the cases of the same batch are among them. A case of a batch beside it looks again by its own `due`.
CREATE INDEX intake_transfer_open ON intake_transfer (jurisdiction, to_institution_id) WHERE open;
CREATE FUNCTION wake_cases_of_institution() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO wakes (kind, key, partition)
    SELECT 'case', one.key, state.partition
    FROM intake_transfer AS one JOIN state ON state.kind = 'case' AND state.key = one.key
    WHERE one.open
      AND ((one.to_institution_id IS NULL AND TG_OP <> 'DELETE' AND one.jurisdiction = NEW.jurisdiction)
           OR (TG_OP <> 'INSERT' AND one.jurisdiction = OLD.jurisdiction AND one.to_institution_id = OLD.key));
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER institution_wakes AFTER INSERT OR UPDATE OR DELETE ON institution
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wake_cases_of_institution();

CREATE TABLE intake_tally (
    day            date    NOT NULL,
    institution_id text    NOT NULL,
    slot           integer NOT NULL,
    transfers      integer NOT NULL,
    PRIMARY KEY (day, institution_id, slot)
) WITH (fillfactor = 70);
COMMENT ON TABLE intake_tally IS 'cases by where they are sent and the day on which that was chosen; the slots are to be added up';
COMMENT ON COLUMN intake_tally.slot IS 'of a connection: transactions side by side write rows of their own, and never wait';

CREATE FUNCTION move_intake_tally(gone intake_transfer[], come intake_transfer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO intake_tally AS tally (day, institution_id, slot, transfers)
    SELECT chosen_on, to_institution_id, pg_backend_pid() % 16, sum(sign)
    FROM (SELECT -1 AS sign, one.* FROM unnest(gone) AS one UNION ALL SELECT 1, one.* FROM unnest(come) AS one) AS moved
    WHERE chosen_on IS NOT NULL AND to_institution_id IS NOT NULL
    GROUP BY chosen_on, to_institution_id HAVING sum(sign) <> 0
    ORDER BY chosen_on, to_institution_id
    ON CONFLICT (day, institution_id, slot) DO UPDATE SET transfers = tally.transfers + excluded.transfers
$$;
CREATE FUNCTION tally_transfers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_OP
        WHEN 'INSERT' THEN
            PERFORM move_intake_tally(NULL, (SELECT array_agg(ROW(come.*)::intake_transfer) FROM come));
        WHEN 'DELETE' THEN
            PERFORM move_intake_tally((SELECT array_agg(ROW(gone.*)::intake_transfer) FROM gone), NULL);
        ELSE
            PERFORM move_intake_tally((SELECT array_agg(ROW(gone.*)::intake_transfer) FROM gone),
                                      (SELECT array_agg(ROW(come.*)::intake_transfer) FROM come));
    END CASE;
    RETURN NULL;
END $$;
CREATE TRIGGER intake_transfer_comes AFTER INSERT ON intake_transfer REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION tally_transfers();
CREATE TRIGGER intake_transfer_changes AFTER UPDATE ON intake_transfer REFERENCING OLD TABLE AS gone NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION tally_transfers();
CREATE TRIGGER intake_transfer_goes AFTER DELETE ON intake_transfer REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION tally_transfers();
