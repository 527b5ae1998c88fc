-- Asks for what was parked because nobody knew its type to be judged again.
UPDATE parked SET replay = true WHERE id = ANY ($1::bigint[]) AND reason = 'unknown_type'
