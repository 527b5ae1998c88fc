-- How many heavy records that nobody can judge are kept whole, for each of these topics that has any.
SELECT topic, count(*) AS whole FROM parked
WHERE kind IS NULL AND NOT cut AND octet_length(value) > 65536 AND topic = ANY ($1)
GROUP BY topic
