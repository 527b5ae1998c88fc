-- Of each case the deliveries that are awaited.
-- formerly: table/contact_case b92b0bbee4a50ac2435bf3f8a01fc5f652cb270e29d645129146bd006239a70f

CREATE TABLE contact_case (
    key     text PRIMARY KEY,
    awaited json
);
