-- The figures of each asked day, and the later days to be judged after it unless something has asked for that already.
WITH asked AS (
    SELECT key, jurisdiction, day FROM unnest($1::text[], $2::text[], $3::date[]) AS asked (key, jurisdiction, day)
), said AS (
    SELECT * FROM bulletin_day WHERE jurisdiction = ANY ($2)
), woken AS (
    SELECT split_part(key, '/', 1) AS jurisdiction, split_part(key, '/', 2)::date AS day
    FROM wakes WHERE kind = 'day' AND split_part(key, '/', 1) = ANY ($2)
), tally AS (
    SELECT jurisdiction, figure, day, category, sum(cases) AS cases FROM bulletin_tally
    WHERE jurisdiction = ANY ($2) AND figure IN ('confirmed', 'discharged', 'died', 'imported_child', 'asymptomatic', 'turned', 'released')
    GROUP BY jurisdiction, figure, day, category HAVING sum(cases) > 0
), consultation AS (
    SELECT * FROM bulletin_consultation WHERE jurisdiction = ANY ($2)
), channel AS (
    SELECT jurisdiction, channel_id, min(held_on) AS since FROM consultation GROUP BY jurisdiction, channel_id
), moved AS ( -- a person, and an expert, count in a channel from the first day on
    SELECT jurisdiction, channel_id, held_on AS day, count(*) AS consultations, 0 AS people, 0 AS experts,
           count(*) FILTER (WHERE NOT refers) AS avoided, 0 AS delivered
    FROM consultation GROUP BY jurisdiction, channel_id, held_on
    UNION ALL
    SELECT jurisdiction, channel_id, day, 0, count(*), 0, 0, 0
    FROM (SELECT jurisdiction, channel_id, person_ref, min(held_on) AS day
          FROM consultation GROUP BY jurisdiction, channel_id, person_ref) AS person GROUP BY jurisdiction, channel_id, day
    UNION ALL
    SELECT jurisdiction, channel_id, day, 0, 0, count(expert_ref), 0, 0
    FROM (SELECT jurisdiction, channel_id, expert_ref, min(held_on) AS day
          FROM consultation GROUP BY jurisdiction, channel_id, expert_ref) AS expert GROUP BY jurisdiction, channel_id, day
    UNION ALL
    SELECT jurisdiction, channel_id, greatest(delivered_on, since), 0, 0, 0, 0, count(*)
    FROM bulletin_delivery JOIN channel USING (jurisdiction, channel_id)
    GROUP BY jurisdiction, channel_id, greatest(delivered_on, since)
), known AS (
    SELECT jurisdiction, day FROM tally UNION SELECT jurisdiction, day FROM said UNION SELECT jurisdiction, day FROM asked
    UNION SELECT jurisdiction, day FROM moved
), of_channel AS (
    SELECT jurisdiction, day, channel_id,
           sum(sum(consultations)) OVER up_to_day AS consultations, sum(sum(people)) OVER up_to_day AS people,
           sum(sum(experts)) OVER up_to_day AS experts, sum(sum(avoided)) OVER up_to_day AS avoided,
           sum(coalesce(sum(delivered), 0)) OVER up_to_day AS delivered
    FROM known JOIN channel USING (jurisdiction) LEFT JOIN moved USING (jurisdiction, channel_id, day)
    WHERE day >= since GROUP BY jurisdiction, channel_id, day WINDOW up_to_day AS (PARTITION BY jurisdiction, channel_id ORDER BY day)
), online AS (
    SELECT jurisdiction, day,
           string_agg(concat_ws(' ', channel_id, consultations, people, experts, avoided, delivered), ';'
                      ORDER BY channel_id COLLATE "C") AS said,
           json_agg(json_build_array(channel_id, consultations, people, experts, avoided, delivered)
                    ORDER BY channel_id COLLATE "C") AS channels
    FROM of_channel GROUP BY jurisdiction, day
), new AS (
    SELECT jurisdiction, day,
           coalesce(sum(cases) FILTER (WHERE figure = 'confirmed' AND category = 'imported'), 0) AS confirmed_imported,
           coalesce(sum(cases) FILTER (WHERE figure = 'confirmed' AND category = 'local'), 0) AS confirmed_local,
           coalesce(sum(cases) FILTER (WHERE figure = 'discharged' AND category = 'imported'), 0) AS discharged_imported,
           coalesce(sum(cases) FILTER (WHERE figure = 'discharged' AND category = 'local'), 0) AS discharged_local,
           coalesce(sum(cases) FILTER (WHERE figure = 'died' AND category = 'imported'), 0) AS died_imported,
           coalesce(sum(cases) FILTER (WHERE figure = 'died' AND category = 'local'), 0) AS died_local,
           coalesce(sum(cases) FILTER (WHERE figure = 'asymptomatic' AND category = 'imported'), 0) AS asymptomatic_imported,
           coalesce(sum(cases) FILTER (WHERE figure = 'asymptomatic' AND category = 'local'), 0) AS asymptomatic_local,
           coalesce(sum(cases) FILTER (WHERE figure = 'turned' AND category = 'imported'), 0) AS turned_imported,
           coalesce(sum(cases) FILTER (WHERE figure = 'turned' AND category = 'local'), 0) AS turned_local,
           coalesce(sum(cases) FILTER (WHERE figure = 'released' AND category = 'imported'), 0) AS released_imported,
           coalesce(sum(cases) FILTER (WHERE figure = 'released' AND category = 'local'), 0) AS released_local,
           min(CASE figure WHEN 'imported_child' THEN category::integer END) AS youngest_months
    FROM known LEFT JOIN tally USING (jurisdiction, day) GROUP BY jurisdiction, day
), total AS (
    SELECT jurisdiction, day,
           sum(confirmed_imported) OVER up_to_day AS confirmed_imported,
           sum(confirmed_local) OVER up_to_day AS confirmed_local,
           sum(discharged_imported) OVER up_to_day AS discharged_imported,
           sum(discharged_local) OVER up_to_day AS discharged_local,
           sum(died_imported) OVER up_to_day AS died_imported,
           sum(died_local) OVER up_to_day AS died_local,
           sum(asymptomatic_imported) OVER up_to_day AS asymptomatic_imported,
           sum(asymptomatic_local) OVER up_to_day AS asymptomatic_local,
           sum(turned_imported) OVER up_to_day AS turned_imported,
           sum(turned_local) OVER up_to_day AS turned_local,
           sum(released_imported) OVER up_to_day AS released_imported,
           sum(released_local) OVER up_to_day AS released_local,
           min(youngest_months) OVER up_to_day AS youngest_months
    FROM new WINDOW up_to_day AS (PARTITION BY jurisdiction ORDER BY day)
), eventful AS (
    SELECT jurisdiction, day, coalesce(online.said, '') AS online_care,
           confirmed_imported + confirmed_local + asymptomatic_imported + asymptomatic_local > 0
           OR online.said IS NOT NULL AS is_eventful
    FROM total LEFT JOIN online USING (jurisdiction, day)
), outdated AS (
    SELECT jurisdiction, day, said.confirmed_imported IS NULL AS silent
    FROM said JOIN total USING (jurisdiction, day) JOIN eventful USING (jurisdiction, day)
    WHERE (said.confirmed_imported, said.confirmed_local, said.discharged_imported, said.discharged_local,
           said.died_imported, said.died_local, said.youngest_months,
           said.asymptomatic_imported, said.asymptomatic_local, said.turned_imported, said.turned_local,
           said.released_imported, said.released_local, said.online_care)
          IS DISTINCT FROM
          (total.confirmed_imported, total.confirmed_local, total.discharged_imported, total.discharged_local,
           total.died_imported, total.died_local, total.youngest_months,
           total.asymptomatic_imported, total.asymptomatic_local, total.turned_imported, total.turned_local,
           total.released_imported, total.released_local, eventful.online_care)
      AND (said.confirmed_imported IS NOT NULL OR is_eventful)
    UNION
    SELECT jurisdiction, day + 1, false FROM asked JOIN eventful USING (jurisdiction, day)
    WHERE is_eventful
      AND (jurisdiction, day + 1) NOT IN (SELECT jurisdiction, day FROM said)
), later AS MATERIALIZED (
    SELECT asked.key, json_agg(outdated.day ORDER BY outdated.day) FILTER (WHERE NOT silent) AS days,
           json_agg(outdated.day ORDER BY outdated.day) FILTER (WHERE silent) AS silent_days
    FROM asked JOIN outdated ON outdated.jurisdiction = asked.jurisdiction AND outdated.day > asked.day
    WHERE (outdated.jurisdiction, outdated.day) NOT IN
          (SELECT jurisdiction, day FROM asked UNION SELECT jurisdiction, day FROM woken)
    GROUP BY asked.key
), discharge AS MATERIALIZED (
    SELECT key, json_object_agg(figure, cells) AS tables
    FROM (SELECT key, figure, json_object_agg(category, cases ORDER BY category) AS cells
          FROM (SELECT key, figure, category, sum(cases) AS cases
                FROM asked JOIN bulletin_tally USING (jurisdiction, day)
                WHERE figure IN ('by_origin_country', 'by_severity', 'by_age_band', 'by_nationality')
                GROUP BY key, figure, category HAVING sum(cases) > 0) AS cell
          GROUP BY key, figure) AS breakdown
    GROUP BY key
)
SELECT key, json_build_object(
    'jurisdiction', jurisdiction,
    'day', day,
    'new', json_build_array(
        json_build_array(new.confirmed_imported, new.confirmed_local),
        json_build_array(new.discharged_imported, new.discharged_local),
        json_build_array(new.died_imported, new.died_local)),
    'cumulative', json_build_array(
        json_build_array(total.confirmed_imported, total.confirmed_local),
        json_build_array(total.discharged_imported, total.discharged_local),
        json_build_array(total.died_imported, total.died_local)),
    'discharges', coalesce(discharge.tables, '{}'),
    'youngest_months', total.youngest_months,
    'new_apart', json_build_array(
        json_build_array(new.asymptomatic_imported, new.asymptomatic_local),
        json_build_array(new.turned_imported, new.turned_local),
        json_build_array(new.released_imported, new.released_local)),
    'cumulative_apart', json_build_array(
        json_build_array(total.asymptomatic_imported, total.asymptomatic_local),
        json_build_array(total.turned_imported, total.turned_local),
        json_build_array(total.released_imported, total.released_local)),
    'online', coalesce(online.channels, '[]'),
    'later', coalesce(later.days, '[]'),
    'silent', coalesce(later.silent_days, '[]')
) AS counts
FROM asked JOIN new USING (jurisdiction, day) JOIN total USING (jurisdiction, day)
    LEFT JOIN online USING (jurisdiction, day) LEFT JOIN discharge USING (key) LEFT JOIN later USING (key)
