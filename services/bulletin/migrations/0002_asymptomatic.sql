-- Asymptomatic infections that are counted apart: the days on which one is found, turns into a confirmed case, is released.

ALTER TABLE bulletin_case ADD COLUMN asymptomatic_on date, ADD COLUMN turned_on date, ADD COLUMN released_on date;
ALTER TABLE bulletin_day
    ADD COLUMN asymptomatic_imported integer, ADD COLUMN asymptomatic_local integer,
    ADD COLUMN turned_imported integer, ADD COLUMN turned_local integer,
    ADD COLUMN released_imported integer, ADD COLUMN released_local integer;
UPDATE bulletin_day
SET asymptomatic_imported = 0, asymptomatic_local = 0, turned_imported = 0, turned_local = 0,
    released_imported = 0, released_local = 0
WHERE confirmed_imported IS NOT NULL;

CREATE OR REPLACE FUNCTION bulletin_figures(one bulletin_case) RETURNS TABLE (figure text, day date, category text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT figure, day, category
    FROM (VALUES ('confirmed', one.confirmed_on, one.origin),
                 ('discharged', one.discharged_on, one.origin),
                 ('died', one.died_on, one.origin),
                 ('asymptomatic', one.asymptomatic_on, one.origin),
                 ('turned', one.turned_on, one.origin),
                 ('released', one.released_on, one.origin),
                 ('imported_child', one.confirmed_on,
                  CASE WHEN one.child AND one.origin = 'imported' THEN one.age_months::text END),
                 ('by_origin_country', one.discharged_on, one.origin_country),
                 ('by_severity', one.discharged_on, coalesce(one.severity, 'unknown')),
                 ('by_age_band', one.discharged_on, one.age_band),
                 ('by_nationality', one.discharged_on, one.nationality)) AS moved (figure, day, category)
    WHERE day IS NOT NULL AND category IS NOT NULL
$$;

-- How a case is counted has changed: every one is judged again.
INSERT INTO wakes (kind, key, partition) SELECT 'case', key, partition FROM state WHERE kind = 'case';
