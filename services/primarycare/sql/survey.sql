-- Of each jurisdiction: alerts that nobody has acknowledged, by severity and age, and linkages that nobody has taken on.
WITH raised AS (
    SELECT jurisdiction, alert ->> 'severity' AS severity, $1 - (alert ->> 'since')::timestamptz AS age
    FROM primarycare_case WHERE alert_by IS NOT NULL
)
SELECT 'alerts_unacknowledged' AS metric,
       ARRAY[jurisdiction, severity,
             CASE WHEN age <= interval '1 hour' THEN 'up_to_1_h' WHEN age <= interval '1 day' THEN 'up_to_1_d'
                  ELSE 'older' END] AS labels,
       count(*)::float8 AS number
FROM raised GROUP BY labels
UNION ALL
SELECT 'oldest_unacknowledged_alert_seconds', ARRAY[jurisdiction, severity],
       greatest(0, extract(epoch FROM max(age)))::float8
FROM raised GROUP BY jurisdiction, severity
UNION ALL
SELECT 'linkages_unanswered', ARRAY[jurisdiction, CASE WHEN linkage_by <= $1 THEN 'yes' ELSE 'no' END], count(*)::float8
FROM primarycare_case WHERE linkage_by IS NOT NULL
GROUP BY jurisdiction, linkage_by <= $1
