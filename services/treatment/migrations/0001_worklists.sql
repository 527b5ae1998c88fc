-- The order of the work list, for a jurisdiction and for a district: whatever is asked for lies side by side.

DROP INDEX treatment_case_not_understood;
CREATE INDEX treatment_case_not_understood ON treatment_case (jurisdiction, not_understood_at, key)
    WHERE not_understood_at IS NOT NULL;
CREATE INDEX treatment_case_not_understood_of_district ON treatment_case (jurisdiction, district, not_understood_at, key)
    WHERE not_understood_at IS NOT NULL;
