-- Of each jurisdiction: open calls and visits that are late or repeat one in vain, and patients of whom nothing is heard.
WITH called AS (
    SELECT jurisdiction, 'call' AS kind, call_by AS due, call AS item FROM followup_case WHERE call_by IS NOT NULL
), visited AS (
    SELECT jurisdiction, visit ->> 'kind' AS kind, visit_by AS due, visit AS item, call_by IS NOT NULL AS is_called
    FROM followup_case WHERE visit_by IS NOT NULL
)
SELECT 'followups_overdue' AS metric, ARRAY[jurisdiction, kind] AS labels, count(*)::float8 AS number
FROM (SELECT jurisdiction, kind, due, item FROM called UNION ALL SELECT jurisdiction, kind, due, item FROM visited) AS open
WHERE due <= $1 OR (item ->> 'attempt')::integer > 1
GROUP BY jurisdiction, kind
UNION ALL
SELECT 'patients_silent', ARRAY[jurisdiction], count(*)::float8
FROM (SELECT jurisdiction FROM called WHERE item ->> 'visit' IS NULL
      UNION ALL
      SELECT jurisdiction FROM visited WHERE kind = 'home_visit' AND item ->> 'visit' IS NULL AND NOT is_called) AS silent
GROUP BY jurisdiction
