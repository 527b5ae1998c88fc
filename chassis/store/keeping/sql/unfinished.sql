-- Erasures whose archive and record of access have not been gone through yet.
SELECT id, keys FROM erasure WHERE finished_at IS NULL ORDER BY id
