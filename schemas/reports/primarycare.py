"""Reports to primarycare: what the institutions near the patient's home answer and do."""

from typing import ClassVar

from schemas.message import CaseReport
from schemas.values import CareKind, Identifier, Instant, InstitutionId, LinkageAnswer, Text


class LinkageAnswered(CaseReport):
    """An institution takes the patient on, or does not; `linkage_id` as in the request (P2)."""

    clinical_time: ClassVar[str | None] = "answered_at"

    linkage_id: Identifier
    institution_id: InstitutionId
    answer: LinkageAnswer
    answered_at: Instant
    reason: Text | None = None


class CareDelivered(CaseReport):
    """Care was given under a linkage (P3)."""

    clinical_time: ClassVar[str | None] = "delivered_at"

    linkage_id: Identifier
    institution_id: InstitutionId
    delivered_at: Instant
    kind: CareKind


class AlertAcknowledged(CaseReport):
    """A physician has seen an alert; `alert_id` as it was forwarded (P4)."""

    clinical_time: ClassVar[str | None] = "acknowledged_at"

    alert_id: Identifier
    institution_id: InstitutionId
    acknowledged_at: Instant
