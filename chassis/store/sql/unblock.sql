-- Frees the cases behind which nothing is parked any more.
UPDATE state SET blocked = false
FROM unnest($1::text[], $2::text[]) AS freed (kind, key)
WHERE state.kind = freed.kind AND state.key = freed.key AND blocked
  AND NOT EXISTS (SELECT FROM parked WHERE parked.kind = state.kind AND parked.key = state.key)
