-- Keeps what could not be judged; the same bytes are kept once, and what only waits behind its case tells nothing new.
INSERT INTO parked (digest, reason, parked_at, kind, key, topic, partition, record_offset, received_at, record_key, headers, value, cut)
SELECT digest, reason, $1, kind, key, topic, partition, record_offset, received_at, record_key, headers, value, cut
FROM unnest($2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::bigint[], $9::timestamptz[],
            $10::bytea[], $11::json[], $12::bytea[], $13::boolean[])
     WITH ORDINALITY AS unjudged
     (digest, reason, kind, key, topic, partition, record_offset, received_at, record_key, headers, value, cut, place)
ORDER BY place
ON CONFLICT (digest) DO UPDATE SET reason = excluded.reason, kind = excluded.kind, key = excluded.key, replay = false
WHERE excluded.reason <> 'case_is_parked'
