-- Asks for what only waits behind a case to be judged, where nothing else is parked of the case any more.
UPDATE parked SET replay = true
FROM unnest($1::text[], $2::text[]) AS freed (kind, key)
WHERE parked.kind = freed.kind AND parked.key = freed.key AND NOT parked.replay
  AND NOT EXISTS (SELECT FROM parked AS cause
                  WHERE cause.kind = freed.kind AND cause.key = freed.key AND cause.reason <> 'case_is_parked')
