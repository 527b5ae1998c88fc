-- Takes away all that is known of these things, and says how many parked records went with it.
WITH gone AS (
    SELECT kind, key FROM unnest($1::text[], $2::text[]) AS gone (kind, key)
), known AS (
    DELETE FROM state USING gone WHERE state.kind = gone.kind AND state.key = gone.key
), woken AS (
    DELETE FROM wakes USING gone WHERE wakes.kind = gone.kind AND wakes.key = gone.key
), lost AS (
    DELETE FROM lost_word USING gone WHERE lost_word.kind = gone.kind AND lost_word.key = gone.key
), unnamed AS (
    UPDATE discarded SET kind = NULL, key = NULL FROM gone WHERE discarded.kind = gone.kind AND discarded.key = gone.key
), unjudged AS (
    DELETE FROM parked USING gone WHERE parked.kind = gone.kind AND parked.key = gone.key RETURNING id
)
SELECT count(*) FROM unjudged
