-- How many reports about a case came within an hour: beyond a limit they are answered instead of judged.
ALTER TABLE state ADD COLUMN reports_hour timestamptz, ADD COLUMN reports integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN state.reports_hour IS 'the beginning of the newest hour in which a report about it came to the bus';
COMMENT ON COLUMN state.reports IS 'how many have come since then; what was parked and put back does not count again';
