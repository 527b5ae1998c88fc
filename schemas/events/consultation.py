"""Events of consultation: how each request for online care stands, its prescription and delivery, and the rosters.

A consultation's events have its id as subject, a prescription's its own, a roster's the channel's. What a patient in
aftercare asked has the case's: `PatientConsulted`.
"""

from typing import Annotated, Literal

from pydantic import Field

from schemas.message import Event, PlacedEvent
from schemas.reports.consultation import ConsultationMode, PrescribedItem
from schemas.values import (
    CaseId,
    ChannelId,
    ConsultationId,
    Count,
    DistrictIfKnown,
    ExpertRef,
    Flag,
    Instant,
    InstitutionId,
    Jurisdiction,
    PersonRef,
    PrescriptionId,
    SymptomCodes,
    Text,
    Word,
    Words,
)

Priority = Literal["red_flag", "priority", "other"]
"""C3: who cannot wait; children, the pregnant, and who needs dialysis or has other diseases; everybody else."""
ReferralReason = Literal["red_flag", "no_channel", "refer_offline", "overdue"]
PrescriptionStep = Literal["review", "dispatch", "delivery"]


class ConsultationEvent(Event):
    """An event about one consultation; `consultation_id` equals the envelope's `subject`."""

    consultation_id: ConsultationId
    case_id: CaseId | None = None
    jurisdiction: Jurisdiction | None = None
    district: DistrictIfKnown = None


class ConsultationQueued(ConsultationEvent):
    """The request waits in a channel, from `queued_at` on; without a channel none is known that fits (C2, C3).

    `position` is absent: who stands before changes with every other request of the channel, so what one event could say
    of it would depend on the order in which they were read. `answer_by`: then the request is overdue.
    """

    channel_id: ChannelId | None = None
    priority: Priority
    position: Count | None = None
    queued_at: Instant
    answer_by: Instant


class ConsultationAssigned(ConsultationEvent):
    """An expert on duty has the request; said again when another one takes over (C3)."""

    channel_id: ChannelId
    priority: Priority
    expert_ref: ExpertRef
    assigned_at: Instant
    answer_by: Instant


class ConsultationClosed(ConsultationEvent):
    """The consultation was held, or cancelled by the patient. `refers`: the patient has to be seen (C5, C7)."""

    channel_id: ChannelId | None = None
    priority: Priority
    outcome: Literal["held", "cancelled"]
    closed_at: Instant
    requested_at: Instant
    person_ref: PersonRef
    mode: ConsultationMode
    expert_ref: ExpertRef | None = None
    refers: Flag
    prescription_id: PrescriptionId | None = None


class ConsultationOverdue(ConsultationEvent):
    """Nobody has answered by `answer_by`: the request goes on to `passed_to`, if another channel fits (*policy*)."""

    channel_id: ChannelId | None = None
    priority: Priority
    answer_by: Instant
    expert_ref: ExpertRef | None = None
    passed_to: ChannelId | None = None


class ReferredOffline(ConsultationEvent):
    """To be seen at an institution; without one, none is known that can take the patient (C2, C3, C5)."""

    channel_id: ChannelId | None = None
    why: ReferralReason
    referred_at: Instant
    institution_id: InstitutionId | None = None
    required_capabilities: Words = ()


class PatientConsulted(PlacedEvent):
    """A patient in aftercare asked for a consultation under their case: what it says of their health (F4)."""

    consultation_id: ConsultationId
    requested_at: Instant
    symptoms: SymptomCodes = ()
    state: Literal["waiting", "assigned", "held", "cancelled"]
    held_at: Instant | None = None
    refers: Flag = False
    institution_id: InstitutionId | None = None


class RosterGapFound(Event):
    """A 24-hour channel has nobody on its roster, from and until; found up to 7 days before (C4)."""

    channel_id: ChannelId
    institution_id: InstitutionId
    from_: Annotated[Instant, Field(alias="from")]
    until: Instant


class PrescriptionEvent(Event):
    """An event about one prescription; `prescription_id` equals the envelope's `subject`."""

    prescription_id: PrescriptionId
    consultation_id: ConsultationId
    channel_id: ChannelId | None = None
    jurisdiction: Jurisdiction | None = None
    district: DistrictIfKnown = None


class PrescriptionIssued(PrescriptionEvent):
    """A prescriber on duty wrote it in a consultation; it waits for a pharmacist until `review_by` (C6)."""

    expert_ref: ExpertRef
    items: Annotated[tuple[PrescribedItem, ...], Field(max_length=100)]
    issued_at: Instant
    review_by: Instant


class PrescriptionApproved(PrescriptionEvent):
    """A pharmacist approved it: it may be dispensed (C6)."""

    pharmacist_ref: ExpertRef
    reviewed_at: Instant


class PrescriptionRejected(PrescriptionEvent):
    """It must not be dispensed. `why`: `pharmacist`, or `not_a_prescriber_on_duty` (C6)."""

    why: Literal["pharmacist", "not_a_prescriber_on_duty"]
    pharmacist_ref: ExpertRef | None = None
    reviewed_at: Instant
    reason: Text | None = None


class MedicineDispensed(PrescriptionEvent):
    """The medicine is ready."""

    dispensed_at: Instant


class MedicineDispatched(PrescriptionEvent):
    """The medicine is on its way; `attempt` 2 and more after a delivery that failed."""

    attempt: Annotated[int, Field(strict=True, ge=1, le=1000)]
    dispatched_at: Instant


class MedicineDelivered(PrescriptionEvent):
    """The medicine is at the patient's door, once."""

    attempt: Annotated[int, Field(strict=True, ge=1, le=1000)]
    delivered_at: Instant


class DeliveryFailed(PrescriptionEvent):
    """A delivery did not reach the patient; it may be dispatched again."""

    attempt: Annotated[int, Field(strict=True, ge=1, le=1000)]
    failed_at: Instant
    reason: Word | None = None


class PrescriptionOverdue(PrescriptionEvent):
    """A prescription waits longer than it may: for a pharmacist, for its dispatch, or for the delivery (*policy*)."""

    waits_for: PrescriptionStep
    attempt: Annotated[int, Field(strict=True, ge=1, le=1000)]
    since: Instant
    due: Instant
