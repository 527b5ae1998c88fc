-- Locks and loads the rows of a batch, in key order.
SELECT state.kind, state.key, partition, version, judged, blocked, unprompted, reports_hour, reports,
       seen, document
FROM state
JOIN unnest($1::text[], $2::text[]) AS wanted (kind, key) ON state.kind = wanted.kind AND state.key = wanted.key
ORDER BY state.kind, state.key
FOR NO KEY UPDATE OF state
