-- Of what nobody can judge, only the beginning is kept beyond a number from one topic: whoever goes wild fills no disk.
ALTER TABLE parked ADD COLUMN cut boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN parked.cut IS 'only the first 64 kB of its value are here: it cannot be judged again';
CREATE INDEX parked_heavy ON parked (topic) WHERE kind IS NULL AND NOT cut AND octet_length(value) > 65536;
