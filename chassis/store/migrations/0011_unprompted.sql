-- How often a case was judged since a report last asked for it: services that answer each other for ever are noticed by it.
ALTER TABLE state ADD COLUMN unprompted integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN state.unprompted IS 'steps since a report last asked for one, here or one service before; that one included';
