-- Up to which number each of these shards has been stated and sent, and after which it is to be said again.
SELECT shard, last, acknowledged, again, asked FROM shard_stated JOIN shard_sent USING (shard) WHERE shard = ANY ($1::int[])
