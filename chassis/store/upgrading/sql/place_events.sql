-- Events go to the new shards of their keys. Their numbers are made to be apart: those of one shard before lie between
-- those of another, so no two are the same, and a key's events, which lay in one shard, keep their order.
UPDATE archive
SET id = id * (SELECT count(*) FROM shard_stated) + archive.partition, partition = placed.partition,
    topic = coalesce((SELECT renamed.topic FROM renamed WHERE stem = regexp_replace(archive.topic, '\.v\d+$', '')),
                     archive.topic)
FROM placed WHERE placed.key = archive.key;
