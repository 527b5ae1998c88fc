-- Takes events of these keys out of one shard of the archive, but for those that the bus has yet to acknowledge.
DELETE FROM archive USING shard_sent
WHERE shard_sent.shard = $1 AND archive.partition = $1 AND archive.key = ANY ($2::text[])
  AND archive.id <= coalesce(again, acknowledged)
