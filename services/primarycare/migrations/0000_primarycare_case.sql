-- Who looks after a case, who was asked to, and what is still waited for.
-- formerly: table/primarycare_case a469274d87e9b7b8f5f7b4aac8de0faf92e225addf2d221d9e6c709bd5b9fc38

CREATE TABLE primarycare_case (
    key          text PRIMARY KEY,
    jurisdiction text,
    district     text,
    primary_id   text,
    asked_id     text,
    waits        boolean,
    linkage_by   timestamptz,
    linkage      json,
    alert_by     timestamptz,
    alert        json
);
