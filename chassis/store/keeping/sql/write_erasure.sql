-- Somebody is erased: that it was done, and what may not come back.
WITH written AS (
    INSERT INTO erasure (asked_by, why, keys, finished_at)
    VALUES ($1, $2, $3::text[], CASE WHEN cardinality($3::text[]) = 0 THEN now() END) RETURNING id
), gone AS (
    INSERT INTO erased (digest, erasure)
    SELECT DISTINCT erased_digest(kind, key), written.id FROM written, unnest($4::text[], $5::text[]) AS gone (kind, key)
    ON CONFLICT DO NOTHING
)
SELECT id, 'erased-' || gen_random_uuid() AS anybody FROM written
