-- Of each case: where it is sent, or that it waits for an institution, and what of that is still to be done.
-- formerly: table/intake_transfer 58acf0eb5730dc5a2cc33b3457f312cd7b2bcec1fb9f8d8228ac422e7aef6068

CREATE TABLE intake_transfer (
    key               text PRIMARY KEY,
    jurisdiction      text,
    district          text,
    to_institution_id text,
    chosen_on         date,
    open              boolean,
    transfer_by       timestamptz,
    transfer          json
);
