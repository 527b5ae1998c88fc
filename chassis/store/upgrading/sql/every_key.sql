-- Every key of a case, and every key under which something was stated.
SELECT key FROM state UNION SELECT key FROM archive UNION SELECT key FROM parked WHERE key IS NOT NULL
