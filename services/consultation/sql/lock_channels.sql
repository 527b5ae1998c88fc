-- One transaction at a time judges the queue of a channel, to its commit: who is assigned to whom nobody else is about to say.
SELECT pg_advisory_xact_lock(place)
FROM (SELECT DISTINCT hashtextextended('channel ' || channel_id, 0) AS place
      FROM consultation_request WHERE key = ANY ($1::text[]) AND channel_id IS NOT NULL ORDER BY place) AS places
