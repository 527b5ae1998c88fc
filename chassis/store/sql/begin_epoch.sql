-- Begins an epoch: from now on all is stated in it, under numbers that no event of the lost time had, and what was lost is settled.
WITH begun AS (
    UPDATE store_identity SET epoch = $1 WHERE epoch < $1 RETURNING epoch
), dated AS (
    UPDATE lost_word SET since = $2 FROM begun
), locked AS (
    SELECT shard FROM shard_stated CROSS JOIN begun ORDER BY shard FOR NO KEY UPDATE OF shard_stated
)
UPDATE shard_stated SET last = last + $3, epoch = $1 FROM locked WHERE shard_stated.shard = locked.shard
