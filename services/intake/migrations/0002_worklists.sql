-- The order of the work list, for a jurisdiction and for a district: whatever is asked for lies side by side.

CREATE INDEX intake_transfer_due ON intake_transfer (jurisdiction, transfer_by, key) WHERE transfer_by IS NOT NULL;
CREATE INDEX intake_transfer_due_of_district ON intake_transfer (jurisdiction, district, transfer_by, key)
    WHERE transfer_by IS NOT NULL;

COMMENT ON COLUMN intake_transfer.transfer IS 'the transfer that is awaited by transfer_by';
