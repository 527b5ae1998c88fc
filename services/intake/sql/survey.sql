-- Of each jurisdiction: transfers that are awaited, those apart whose time to admit has passed.
SELECT 'transfers_awaited' AS metric,
       ARRAY[jurisdiction, CASE WHEN transfer_by <= $1 THEN 'yes' ELSE 'no' END] AS labels,
       count(*)::float8 AS number
FROM intake_transfer WHERE transfer_by IS NOT NULL
GROUP BY jurisdiction, transfer_by <= $1
