-- Begins an epoch: from now on all is stated in it, under ids that no event of the lost time had, and what was lost is settled.
WITH begun AS (
    UPDATE store_identity SET epoch = $1 WHERE epoch < $1 RETURNING epoch
), dated AS (
    UPDATE lost_word SET since = $2 FROM begun
)
SELECT setval('statement_id', nextval('statement_id') + $3) FROM begun
