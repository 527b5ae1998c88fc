-- Which revision the copy of the directory has, and how many cases were sent to each institution on the last two days.
SELECT (SELECT revision FROM institution_revision) AS revision,
       (SELECT coalesce(json_agg(json_build_array(institution_id, day, transfers)), '[]')
        FROM (SELECT institution_id, day, sum(transfers) AS transfers FROM intake_tally
              WHERE day >= (SELECT max(day) - 1 FROM intake_tally) GROUP BY institution_id, day) AS sent) AS sent
