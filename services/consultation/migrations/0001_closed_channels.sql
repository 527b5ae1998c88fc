-- A channel says when it closed, and whoever ended in one that closes is found without a look at the others.
-- redraw: channel
CREATE INDEX consultation_request_ended ON consultation_request (channel_id) WHERE answer_by IS NULL;
