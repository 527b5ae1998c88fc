-- Who has read of these keys stays; of whom is no more than the number of the erasure.
UPDATE access_log
SET cases = ARRAY(SELECT DISTINCT CASE WHEN one = ANY ($2::text[]) THEN 'erased-' || $1::bigint ELSE one END
                  FROM unnest(cases) AS one ORDER BY 1),
    what = CASE WHEN one_of IS NULL THEN what ELSE replace(what, one_of, 'erased-' || $1::bigint) END
FROM (SELECT id, (SELECT key FROM unnest($2::text[]) AS key WHERE position(key IN what) > 0 ORDER BY length(key) DESC LIMIT 1) AS one_of
      FROM access_log WHERE cases && $2::text[]) AS found
WHERE access_log.id = found.id
