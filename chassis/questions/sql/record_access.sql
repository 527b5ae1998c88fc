-- Who has asked what, before the answer leaves.
INSERT INTO access_log (who, means, what, purpose, outcome, cases) VALUES ($1, $2, $3, $4, $5, $6)
