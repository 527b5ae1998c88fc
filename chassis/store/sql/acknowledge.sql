-- Deletes what the bus has acknowledged; what another owner deleted before is missing from the answer.
DELETE FROM outbox USING unnest($1::int[], $2::bigint[]) AS sent (shard, id)
WHERE outbox.shard = sent.shard AND outbox.id = sent.id
RETURNING outbox.id
