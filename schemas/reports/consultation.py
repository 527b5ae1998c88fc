"""Reports to consultation: channels and who is on duty there, what patients ask, and what becomes of their medicine.

No message of a consultation is carried: only that it was held, its advice in codes, and whether it refers.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from schemas.codes import Coded
from schemas.message import Report
from schemas.values import (
    AgeIfKnown,
    CaseId,
    ChannelId,
    ConsultationId,
    Department,
    DistrictIfKnown,
    ExpertRef,
    Flag,
    Instant,
    InstitutionId,
    Jurisdiction,
    PersonRef,
    PrescriptionId,
    Symptoms,
    Text,
    Value,
    Word,
    Words,
)

ConsultationMode = Literal["text", "voice", "video"]
DeliveryStatus = Literal["dispensed", "dispatched", "delivered", "failed"]
Departments = Annotated[tuple[Department, ...], Field(max_length=100)]


class ChannelOpened(Report):
    """A channel of online care is open from an instant on, which may lie ahead; of two declarations the later holds.

    `priority_groups`: whom it is for before others: `child`, `pregnant`, `dialysis`, `comorbid`. `open_24h`: somebody
    is on duty at every minute (C4).
    """

    key_field: ClassVar[str] = "channel_id"
    at_any_time: ClassVar[frozenset[str]] = frozenset({"opened_at"})

    channel_id: ChannelId
    institution_id: InstitutionId
    name: Text
    departments: Departments
    priority_groups: Words = ()
    open_24h: Flag
    opened_at: Instant


class ChannelClosed(Report):
    """A channel is no more from `closed_at` on; without it, from when the report was written down.

    What else is said of it is known already.
    """

    key_field: ClassVar[str] = "channel_id"
    at_any_time: ClassVar[frozenset[str]] = frozenset({"opened_at", "closed_at"})

    channel_id: ChannelId
    institution_id: InstitutionId | None = None
    name: Text | None = None
    departments: Departments = ()
    priority_groups: Words = ()
    open_24h: Flag | None = None
    opened_at: Instant | None = None
    closed_at: Instant | None = None


class ExpertRostered(Report):
    """An expert is on duty in a channel, from and until; `prescriber`: may write prescriptions (C6).

    The channel, the expert and `from` name the shift.
    """

    key_field: ClassVar[str] = "channel_id"
    at_any_time: ClassVar[frozenset[str]] = frozenset({"from_", "until"})

    channel_id: ChannelId
    expert_ref: ExpertRef
    department: Department
    prescriber: Flag
    from_: Annotated[Instant, Field(alias="from")]
    until: Instant


class ExpertUnrostered(Report):
    """The shift of an expert that begins at `from` is taken back, all of it."""

    key_field: ClassVar[str] = "channel_id"
    at_any_time: ClassVar[frozenset[str]] = frozenset({"from_"})

    channel_id: ChannelId
    expert_ref: ExpertRef
    from_: Annotated[Instant, Field(alias="from")]


class ConsultationRequested(Coded):
    """A patient asks for a consultation, in a channel of their choice or in whichever fits (C2).

    `case_id`: of a patient in aftercare. `red_flags`: what cannot wait, as the patient was asked (C3).
    """

    key_field: ClassVar[str] = "consultation_id"
    clinical_time: ClassVar[str | None] = "requested_at"

    consultation_id: ConsultationId
    channel_id: ChannelId | None = None
    person_ref: PersonRef
    case_id: CaseId | None = None
    jurisdiction: Jurisdiction
    district: DistrictIfKnown = None
    age: AgeIfKnown = None
    groups: Words = ()
    symptoms: Symptoms = ()
    requested_at: Instant
    mode: ConsultationMode
    red_flags: Symptoms = ()


class ConsultationCancelled(Report):
    """The patient does not want the consultation any more."""

    key_field: ClassVar[str] = "consultation_id"
    clinical_time: ClassVar[str | None] = "cancelled_at"

    consultation_id: ConsultationId
    cancelled_at: Instant
    by: Literal["patient", "guardian", "staff"] = "patient"


class PrescribedItem(Value):
    """A medicine of a prescription, in codes or words."""

    medication: Text
    dose: Text | None = None


def _item(given: object) -> object:
    """A medicine that is named without its dose."""
    return {"medication": given} if isinstance(given, str) else given


Item = Annotated[PrescribedItem, BeforeValidator(_item, json_schema_input_type=PrescribedItem | Text)]


class WrittenPrescription(Value):
    """A prescription as the expert wrote it."""

    prescription_id: PrescriptionId
    items: Annotated[tuple[Item, ...], Field(max_length=100)]


class ConsultationCompleted(Report):
    """A consultation was held; `refer_offline`: the patient has to be seen (C5).

    `advice`: in codes or short words that identify nobody; it is kept, and no event repeats it.
    """

    key_field: ClassVar[str] = "consultation_id"
    clinical_time: ClassVar[str | None] = "completed_at"

    consultation_id: ConsultationId
    expert_ref: ExpertRef
    completed_at: Instant
    advice: Text
    refer_offline: Flag
    prescription: WrittenPrescription | None = None


class PrescriptionReviewed(Report):
    """A pharmacist's word on a prescription; of two the one with the later `reviewed_at` holds (C6)."""

    key_field: ClassVar[str] = "prescription_id"
    clinical_time: ClassVar[str | None] = "reviewed_at"

    prescription_id: PrescriptionId
    consultation_id: ConsultationId
    pharmacist_ref: ExpertRef
    decision: Literal["approved", "rejected"]
    reason: Text | None = None
    reviewed_at: Instant


class DeliveryReported(Report):
    """A step on the way of a medicine to the patient; `failed`: of the delivery that was dispatched last (C6)."""

    key_field: ClassVar[str] = "prescription_id"
    clinical_time: ClassVar[str | None] = "reported_at"

    prescription_id: PrescriptionId
    consultation_id: ConsultationId
    status: DeliveryStatus
    reported_at: Instant
    reason: Word | None = None
