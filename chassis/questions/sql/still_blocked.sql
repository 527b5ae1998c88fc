-- How many records of a case are parked for a reason of their own.
SELECT count(*) FROM parked WHERE kind = $1 AND key = $2 AND reason <> 'case_is_parked'
