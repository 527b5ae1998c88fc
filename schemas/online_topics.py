"""The topics of online care: who asks and answers there, and what each event is about (a part of `schemas.topics`)."""

from typing import Final

from schemas.events.consultation import (
    ConsultationAssigned,
    ConsultationClosed,
    ConsultationOverdue,
    ConsultationQueued,
    DeliveryFailed,
    MedicineDelivered,
    MedicineDispatched,
    MedicineDispensed,
    PatientConsulted,
    PrescriptionApproved,
    PrescriptionIssued,
    PrescriptionOverdue,
    PrescriptionRejected,
    ReferredOffline,
    RosterGapFound,
)
from schemas.reports.consultation import (
    ChannelClosed,
    ChannelOpened,
    ConsultationCancelled,
    ConsultationCompleted,
    ConsultationRequested,
    DeliveryReported,
    ExpertRostered,
    ExpertUnrostered,
    PrescriptionReviewed,
)
from schemas.topic import Thing, Topic, events, rejections, reports

_CONSULTATION = Thing("consultation")
_REVIEW = Thing("review")

ONLINE_CARE: Final[tuple[Topic, ...]] = (
    reports(
        "consultation",
        ChannelOpened,
        ChannelClosed,
        ExpertRostered,
        ExpertUnrostered,
        ConsultationRequested,
        ConsultationCancelled,
        ConsultationCompleted,
        PrescriptionReviewed,
        DeliveryReported,
        key="channel_id, consultation_id or prescription_id",
    ),
    events(
        "consultation",
        {
            ConsultationQueued: _CONSULTATION,  # one holds at a time
            ConsultationAssigned: _CONSULTATION,
            ConsultationClosed: _CONSULTATION,
            ConsultationOverdue: Thing("overdue", ("channel_id",)),
            ReferredOffline: Thing("referral", ("why",)),
            PatientConsulted: Thing("consulted", ("consultation_id",)),
            RosterGapFound: Thing("roster_gap", ("from",)),
            PrescriptionIssued: Thing("prescription"),
            PrescriptionApproved: _REVIEW,
            PrescriptionRejected: _REVIEW,
            MedicineDispensed: Thing("dispensing"),
            MedicineDispatched: Thing("dispatch", ("attempt",)),
            MedicineDelivered: Thing("delivery"),
            DeliveryFailed: Thing("failed_delivery", ("attempt",)),
            PrescriptionOverdue: Thing("late_step", ("waits_for", "attempt")),
        },
        to=("followup", "bulletin"),
        key="consultation_id, prescription_id, channel_id or case_id",
    ),
    rejections("consultation"),
)
