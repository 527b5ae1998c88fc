-- Puts archived events back into the outbox, nothing else: a lost bus is refilled in the order in which they were said.
INSERT INTO outbox (shard, id, recorded_at)
SELECT partition, id, recorded_at FROM archive WHERE recorded_at >= coalesce($1, '-infinity'::timestamptz)
ON CONFLICT DO NOTHING
