-- Rows go to the new partitions of their keys; nothing has been read of the new topics.
UPDATE state SET partition = placed.partition FROM placed WHERE placed.key = state.key;
UPDATE wakes SET partition = placed.partition FROM placed WHERE placed.key = wakes.key;
UPDATE parked SET partition = placed.partition FROM placed WHERE placed.key = parked.key;
UPDATE parked SET topic = renamed.topic FROM renamed WHERE regexp_replace(parked.topic, '\.v\d+$', '') = stem;
DELETE FROM read_offset;
