-- The order of the work lists, for a jurisdiction and for a district: whatever is asked for lies side by side.

CREATE INDEX primarycare_case_linkages ON primarycare_case (jurisdiction, linkage_by, key)
    WHERE linkage_by IS NOT NULL;
CREATE INDEX primarycare_case_linkages_of_district ON primarycare_case (jurisdiction, district, linkage_by, key)
    WHERE linkage_by IS NOT NULL;
CREATE INDEX primarycare_case_alerts ON primarycare_case (jurisdiction, alert_by, key) WHERE alert_by IS NOT NULL;
CREATE INDEX primarycare_case_alerts_of_district ON primarycare_case (jurisdiction, district, alert_by, key)
    WHERE alert_by IS NOT NULL;

COMMENT ON COLUMN primarycare_case.linkage IS 'the linkage that nobody has taken on, to be answered by linkage_by';
COMMENT ON COLUMN primarycare_case.alert IS 'the open alert that is due first, to be acknowledged by alert_by';
