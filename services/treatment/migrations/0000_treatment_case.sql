-- Of each case: the tests that no list knows. Nothing rests on them, so somebody has to look.

CREATE TABLE treatment_case (
    key               text PRIMARY KEY,
    jurisdiction      text,
    district          text,
    not_understood_at timestamptz,
    not_understood    json
);
CREATE INDEX treatment_case_not_understood ON treatment_case (jurisdiction, not_understood_at, key);
