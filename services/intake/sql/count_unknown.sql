-- How many cases somebody has to look into of which nobody knows where they are.
SELECT count(*) FROM intake_transfer
WHERE jurisdiction = 'unknown' AND (unplaced_since IS NOT NULL OR transfer_by IS NOT NULL)
