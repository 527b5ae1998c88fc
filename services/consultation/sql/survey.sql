-- Of each jurisdiction and class: consultations that no expert has yet, and how long the first of them has waited.
SELECT metric, ARRAY[jurisdiction, (ARRAY['red_flag', 'priority', 'other'])[class_rank + 1]] AS labels,
       CASE metric WHEN 'consultations_waiting' THEN count(*)
                   ELSE greatest(0, extract(epoch FROM $1 - min(requested_at))) END::float8 AS number
FROM consultation_request, unnest(ARRAY['consultations_waiting', 'oldest_waiting_consultation_seconds']) AS metric
WHERE waiting
GROUP BY metric, jurisdiction, class_rank
