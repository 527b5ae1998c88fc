-- Which revision the copy of the directory has, how many cases were sent to each institution on the last two days, and
-- of these cases the others of the same party or person, at most 20 of each.
SELECT (SELECT revision FROM institution_revision) AS revision,
       (SELECT coalesce(json_agg(json_build_array(institution_id, day, transfers)), '[]')
        FROM (SELECT institution_id, day, sum(transfers) AS transfers FROM intake_tally
              WHERE day >= (SELECT max(day) - 1 FROM intake_tally) GROUP BY institution_id, day) AS sent) AS sent,
       (SELECT coalesce(json_agg(json_build_array(key, party_id, person_ref, to_institution_id, coalesce(required, '[]'),
                                                  course_from, course_until, chosen_at)), '[]')
        FROM (SELECT DISTINCT ON (other.key) other.*
              FROM intake_transfer AS own CROSS JOIN LATERAL (
                  (SELECT * FROM intake_transfer WHERE party_id = own.party_id ORDER BY key LIMIT 20)
                  UNION ALL
                  (SELECT * FROM intake_transfer WHERE person_ref = own.person_ref ORDER BY key LIMIT 20)) AS other
              WHERE own.key = ANY ($1::text[]) AND other.key <> own.key
              ORDER BY other.key) AS relatives) AS relatives
