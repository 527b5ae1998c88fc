-- What somebody has to do for a case that is followed up.
-- formerly: table/followup_case bf62f23c05237a7b31f7613129aa3f6eeab77b8ba1415e085ace7b9e04abf89f

CREATE TABLE followup_case (
    key          text PRIMARY KEY,
    jurisdiction text,
    district     text,
    call_by      timestamptz,
    call         json,
    visit_by     timestamptz,
    visit        json
);
