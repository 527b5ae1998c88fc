-- How often this store has gone back.
SELECT epoch FROM store_identity
