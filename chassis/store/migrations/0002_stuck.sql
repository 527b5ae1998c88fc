-- Health asks every few seconds how many cases are stuck: hardly any, among all there are.
CREATE INDEX state_stuck ON state (partition) WHERE stuck;
