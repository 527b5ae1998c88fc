"""What consultation answers: a case, a channel, a prescription, where a patient would be sent, and its work lists."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from chassis.questions.answer import Answer, item_model
from schemas.events.consultation import Priority
from schemas.reports.consultation import DeliveryStatus
from schemas.values import (
    AgeIfKnown,
    AttemptNumber,
    CaseId,
    ChannelId,
    ConsultationId,
    Count,
    Department,
    District,
    DistrictIfKnown,
    ExpertRef,
    Instant,
    InstitutionId,
    Jurisdiction,
    PrescriptionId,
    SymptomCode,
    Symptoms,
    Text,
    TimeZone,
    Word,
    Words,
)
from services.consultation.domain.channel.read_model import GapItem
from services.consultation.domain.consultation.read_model import ConsultationItem
from services.consultation.domain.prescription.read_model import Item

WaitsFor = Literal["review", "dispensing", "dispatch", "delivery"]
From = Annotated[Instant, Field(alias="from")]


class Consultation(Answer):
    """One consultation of the patient. `held_at`: null of one that was not; `refers`: the patient has to be seen.

    `institution_id`: where, if that is known. Place and zone are those of the request.
    """

    consultation_id: ConsultationId
    requested_at: Instant
    symptoms: tuple[SymptomCode, ...]
    state: Literal["waiting", "assigned", "held", "cancelled", "referred"]
    held_at: Instant | None
    refers: bool
    institution_id: InstitutionId | None
    jurisdiction: Jurisdiction | None
    district: District | None
    time_zone: TimeZone | None


class Case(Answer):
    """What a patient in aftercare asked of online care, in the order of the requests, and what came of it."""

    consultations: tuple[Consultation, ...]


class ChannelAsked(Answer):
    """Which channel."""

    channel_id: ChannelId


class Declaration(Answer):
    """What the channel is from `opened_at` on, as it was declared last. `received_at`: when that came.

    `open_24h`: somebody is on duty at every minute (C4). `priority_groups`: whom it is for before others.
    """

    opened_at: Instant
    institution_id: InstitutionId
    name: Text
    departments: tuple[Department, ...]
    priority_groups: tuple[Word, ...]
    open_24h: bool
    received_at: Instant | None


class Shift(Answer):
    """An expert is on duty, from and until; `prescriber`: may write prescriptions (C6)."""

    expert_ref: ExpertRef
    department: Department
    prescriber: bool
    from_at: From
    until: Instant


class Gap(Answer):
    """From and until when nobody is on the roster of a channel that is always open (C4)."""

    from_at: From
    until: Instant
    is_over: bool


class Counts(Answer):
    """What was held since the channel opened, by whom and for whom (C7), and what is going on there now.

    `avoided_visits`: consultations without a referral. `waiting`: nobody has them yet; `assigned`: an expert has.
    """

    consultations: Count
    people: Count
    experts: Count
    avoided_visits: Count
    waiting: Count
    assigned: Count


class Channel(Answer):
    """A channel as it stands. `jurisdiction`, `district`: of its institution; null while nobody has listed that.

    `declarations`, `closings`: when it opened and closed. `looks_again_at`: when the clock alone may change this.
    """

    channel_id: ChannelId
    is_open: bool
    jurisdiction: Jurisdiction | None
    district: District | None
    declaration: Declaration | None
    declarations: tuple[Instant, ...]
    closings: tuple[Instant, ...]
    on_duty: tuple[Shift, ...]
    to_come: tuple[Shift, ...]
    gaps: tuple[Gap, ...]
    looks_again_at: Instant | None
    counts: Counts


class Medicine(Answer):
    """A medicine as the expert wrote it, in codes or words."""

    medication: Text
    dose: Text | None = None


class Issue(Answer):
    """What the consultation says of the prescription that was written in it.

    `by_prescriber`: whether the expert was on duty then, and may write prescriptions. `known_at`: when the
    consultation's end first came; null: at once.
    """

    prescription_id: PrescriptionId
    consultation_id: ConsultationId
    channel_id: ChannelId | None
    jurisdiction: Jurisdiction | None
    district: District | None
    expert_ref: ExpertRef
    items: tuple[Medicine, ...]
    issued_at: Instant
    by_prescriber: bool
    case_id: CaseId | None
    known_at: Instant | None


class Review(Answer):
    """A pharmacist's word; `received_at`: when one of that instant first came."""

    reviewed_at: Instant
    received_at: Instant
    approved: bool
    pharmacist_ref: ExpertRef
    reason: Text | None


class Delivery(Answer):
    """One attempt to bring the medicine; `outcome` is null while it is under way, `reason`: why it failed."""

    attempt: AttemptNumber
    dispatched_at: Instant
    outcome: Literal["delivered", "failed"] | None
    ended_at: Instant | None
    reason: Word | None


class Waiting(Answer):
    """What the prescription waits for, since when, and when that is late; `attempt`: of the deliveries which one."""

    waits_for: WaitsFor
    attempt: Count
    since: Instant
    due: Instant


class Step(Answer):
    """A step on the way of the medicine, as reported; `received_at`: when it first came."""

    reported_at: Instant
    status: DeliveryStatus
    received_at: Instant
    reason: Word | None


class Prescription(Answer):
    """Whether a prescription was issued and approved, where the medicine is, and what is late (C6).

    `issue`: null while no consultation is known that wrote it. `overdue`: what nobody had done in time; that stays so.
    `ignored`: steps for which something has to come before that is not known, or that came a second time.
    `looks_again_at`: when the clock alone may change this.
    """

    prescription_id: PrescriptionId | None
    issue: Issue | None
    is_issued: bool
    review: Review | None
    dispensed_at: Instant | None
    deliveries: tuple[Delivery, ...]
    waits_for: Waiting | None
    overdue: tuple[Waiting, ...]
    ignored: tuple[Step, ...]
    looks_again_at: Instant | None


class RouteAsked(Answer):
    """Who would ask for a consultation: the fields of `ConsultationRequested` that say so. It is written nowhere."""

    jurisdiction: Jurisdiction
    district: DistrictIfKnown = None
    age: AgeIfKnown = None
    symptoms: Symptoms = ()
    red_flags: Symptoms = ()
    groups: Words = ()
    channel_id: ChannelId | None = None

    @property
    def given(self) -> dict[str, Any]:
        """What of it is given, as a report would say it."""
        return self.model_dump(mode="json", exclude_none=True)


class Misfit(Answer):
    """A channel of the jurisdiction that is not for the patient, and why.

    `dialysis`, `pregnant`: it has nobody for them. `departments`: none of its departments sees what the patient has.
    """

    channel_id: ChannelId
    why: Literal["children_only", "dialysis", "pregnant", "departments"]


class Referral(Answer):
    """Why the patient is to be seen, and where; null: no institution is known that can take the patient."""

    why: Literal["red_flag", "no_channel"]
    institution_id: InstitutionId | None


class Route(Answer):
    """Where a patient would be sent who asks now (C2). `channel`: its name; `because`: why, in words."""

    priority: Priority
    answer_within_minutes: Count
    channel_id: ChannelId | None
    channel: Text | None
    because: str | None
    misfits: tuple[Misfit, ...] = Field(alias="not")
    referrals: tuple[Referral, ...]


Consulted: Final = item_model(
    ConsultationItem, kind=Literal["consultation"], stage=Literal["queued", "assigned"], priority=Priority
)
Reviewed: Final = item_model(Item, kind=Literal["prescription"], waits_for=Literal["review"])
Delivered: Final = item_model(Item, kind=Literal["delivery"], waits_for=Literal["dispensing", "dispatch", "delivery"])
RosterGap: Final = item_model(GapItem, kind=Literal["roster"])
