-- The order of the work lists, for a jurisdiction and for a district: whatever is asked for lies side by side.

CREATE INDEX followup_case_calls ON followup_case (jurisdiction, call_by, key) WHERE call_by IS NOT NULL;
CREATE INDEX followup_case_calls_of_district ON followup_case (jurisdiction, district, call_by, key)
    WHERE call_by IS NOT NULL;
CREATE INDEX followup_case_visits ON followup_case (jurisdiction, visit_by, key) WHERE visit_by IS NOT NULL;
CREATE INDEX followup_case_visits_of_district ON followup_case (jurisdiction, district, visit_by, key)
    WHERE visit_by IS NOT NULL;

COMMENT ON TABLE followup_case IS 'what somebody has to do for a case that is followed up: of each list what is due first';
COMMENT ON COLUMN followup_case.call IS 'the open call that is due first, at call_by';
COMMENT ON COLUMN followup_case.visit IS 'the home visit or return visit that is due first, at visit_by';
