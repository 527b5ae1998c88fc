-- Appends events to the archive and a narrow row each to the outbox, in the order given; nothing in an epoch that is over.
WITH said AS (
    INSERT INTO archive (recorded_at, topic, key, partition, event_id, message)
    SELECT $1, topic, key, partition, event_id::uuid, message
    FROM unnest($2::text[], $3::text[], $4::int[], $5::text[], $6::bytea[])
         WITH ORDINALITY AS event (topic, key, partition, event_id, message, place)
    WHERE (SELECT epoch FROM store_identity) = $7
    ORDER BY place
    RETURNING partition, id, recorded_at
)
INSERT INTO outbox (shard, id, recorded_at) SELECT partition, id, recorded_at FROM said
