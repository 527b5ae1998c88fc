-- How many cases each civil day moved, kept in step with bulletin_case by the store itself. A bulletin is then counted of
-- a few rows a day, and not of every case there ever was (a million rows: 1 s for each day that is judged).

CREATE TABLE bulletin_tally (
    jurisdiction text    NOT NULL,
    figure       text    NOT NULL,
    day          date    NOT NULL,
    category     text    NOT NULL,
    slot         integer NOT NULL,
    cases        integer NOT NULL,
    PRIMARY KEY (jurisdiction, figure, day, category, slot)
) WITH (fillfactor = 70);
COMMENT ON TABLE bulletin_tally IS 'cases by what they move and the day on which they do; the slots are to be added up';
COMMENT ON COLUMN bulletin_tally.slot IS 'of a connection: transactions side by side write rows of their own, and never wait';

-- What one case moves, and on which days.
CREATE FUNCTION bulletin_figures(one bulletin_case) RETURNS TABLE (figure text, day date, category text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT figure, day, category
    FROM (VALUES ('confirmed', one.confirmed_on, one.origin),
                 ('discharged', one.discharged_on, one.origin),
                 ('died', one.died_on, one.origin),
                 ('imported_child', one.confirmed_on,
                  CASE WHEN one.child AND one.origin = 'imported' THEN one.age_months::text END),
                 ('by_origin_country', one.discharged_on, one.origin_country),
                 ('by_severity', one.discharged_on, coalesce(one.severity, 'unknown')),
                 ('by_age_band', one.discharged_on, one.age_band),
                 ('by_nationality', one.discharged_on, one.nationality)) AS moved (figure, day, category)
    WHERE day IS NOT NULL AND category IS NOT NULL
$$;

CREATE FUNCTION move_bulletin_tally(gone bulletin_case[], come bulletin_case[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO bulletin_tally AS tally (jurisdiction, figure, day, category, slot, cases)
    SELECT jurisdiction, figure, day, category, pg_backend_pid() % 16, sum(sign)
    FROM (SELECT -1 AS sign, one.jurisdiction, moved.* FROM unnest(gone) AS one, bulletin_figures(one) AS moved
          UNION ALL
          SELECT 1, one.jurisdiction, moved.* FROM unnest(come) AS one, bulletin_figures(one) AS moved) AS moved
    GROUP BY jurisdiction, figure, day, category HAVING sum(sign) <> 0
    ORDER BY jurisdiction, figure, day, category
    ON CONFLICT (jurisdiction, figure, day, category, slot) DO UPDATE SET cases = tally.cases + excluded.cases
$$;

CREATE FUNCTION tally_bulletin_cases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_OP
        WHEN 'INSERT' THEN PERFORM move_bulletin_tally(NULL, (SELECT array_agg(ROW(come.*)::bulletin_case) FROM come));
        WHEN 'DELETE' THEN PERFORM move_bulletin_tally((SELECT array_agg(ROW(gone.*)::bulletin_case) FROM gone), NULL);
        ELSE PERFORM move_bulletin_tally((SELECT array_agg(ROW(gone.*)::bulletin_case) FROM gone),
                                         (SELECT array_agg(ROW(come.*)::bulletin_case) FROM come));
    END CASE;
    RETURN NULL;
END $$;

CREATE TRIGGER bulletin_case_comes AFTER INSERT ON bulletin_case REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION tally_bulletin_cases();
CREATE TRIGGER bulletin_case_changes AFTER UPDATE ON bulletin_case REFERENCING OLD TABLE AS gone NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION tally_bulletin_cases();
CREATE TRIGGER bulletin_case_goes AFTER DELETE ON bulletin_case REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION tally_bulletin_cases();

CREATE UNIQUE INDEX bulletin_day_of_jurisdiction ON bulletin_day (jurisdiction, day);
