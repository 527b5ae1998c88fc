-- The words that the code uses now.
ALTER TABLE state RENAME COLUMN stuck TO blocked;
ALTER INDEX state_stuck RENAME TO state_blocked;
ALTER TABLE parked RENAME COLUMN came TO received_at;
ALTER TABLE discarded RENAME COLUMN came TO received_at;
COMMENT ON COLUMN state.blocked IS 'a rule raised: later messages are parked behind the one that made it raise';
