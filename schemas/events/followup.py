"""Events of followup: the plan after the ward, its days, its calls, and how it ends.

Every one carries `episode` and `discharged_at`, which together name the plan (F1).
"""

from typing import Annotated, Literal

from pydantic import Field

from schemas.message import PlacedEvent
from schemas.reports.followup import LogFields
from schemas.values import (
    CallOutcome,
    Count,
    DayNumber,
    DayNumbers,
    Days,
    Episode,
    EvidenceList,
    Flag,
    FollowUpEndReason,
    Identifier,
    Instant,
    InstitutionId,
    LocalDate,
    ReturnVisitName,
    Slot,
    Text,
    Texts,
    TimeZone,
    Value,
    Whole,
    Word,
)

LadderReason = Literal["day_missed", "day_unknown", "return_visit_missed", "retest_missed"]
AlertReason = Literal[
    "fever", "symptoms", "went_out", "positive_test", "consultation", "against_advice", "recalled", "refuses"
]
AlertSeverity = Literal["urgent", "high", "routine"]


class PlanEvent(PlacedEvent):
    """An event about one plan."""

    episode: Episode
    discharged_at: Instant | None = None
    """The discharge that began the plan: an episode whose discharge is revoked may have a second plan."""


class ReturnVisit(Value):
    """A return visit to the hospital and the civil day on which it is due."""

    visit: ReturnVisitName
    due_on: LocalDate


class QuarantineStarted(PlanEvent):
    """A plan begins: `day_1` to `last_day`, both included; with `days` 0 `last_day` is the day of discharge (F1).

    Said again where the patient moves to: the place, the zone and `primary_institution_id` are those of now (F9).
    """

    day_1: LocalDate
    days: Days
    last_day: LocalDate
    time_zone: TimeZone
    slots: Annotated[tuple[Slot, ...], Field(max_length=2)] = ()
    test_days: DayNumbers = ()
    return_visits: Annotated[tuple[ReturnVisit, ...], Field(max_length=10)] = ()
    protocol: Word
    primary_institution_id: InstitutionId | None = None
    """As the discharge, or the report of the move, names it."""


class QuarantineDayLogged(LogFields, PlanEvent):
    """What one slot shows: its log reported last; `late`: it reached the bus after the day's end (F2)."""

    day: DayNumber
    late: Flag


class QuarantineDayMissed(PlanEvent):
    """A day ended without a log (F3)."""

    day: DayNumber
    local_date: LocalDate


class CallEvent(PlanEvent):
    """A step of a ladder, a call or its home visit: what it is about, its place, and by when it is to be reported.

    `days`: those missed and unsettled when it was asked for; `visit`: the return visit, where it is about one.
    """

    call_id: Identifier
    why: LadderReason
    days: DayNumbers = ()
    attempt: Count
    call_by: Instant
    visit: ReturnVisitName | None = None


class CallRequested(CallEvent):
    """Somebody is to call the patient by `call_by`; what comes of it is reported under `call_id` (F3)."""


class CallCompleted(CallEvent):
    """How a requested call or home visit ended; `lapsed`: nothing reported in time; `withdrawn`: no longer needed."""

    outcome: Literal[CallOutcome, "lapsed", "withdrawn"]
    called_at: Instant | None = None


class HomeVisitRequested(CallEvent):
    """Nobody could be reached by phone: somebody is to go there, by `call_by`, which `visit_by` repeats (F3)."""

    visit_by: Instant | None = None


class HealthAlertRaised(PlanEvent):
    """Something a physician should see; one for each day, kind and round (F4).

    It is restated when there is more evidence before anybody answered; graver evidence after the answer begins the
    next `round`, to be answered anew.
    """

    alert_id: Identifier
    why: AlertReason
    day: DayNumber
    round: Annotated[Whole, Field(ge=1, le=1000)] = 1
    severity: AlertSeverity
    evidence: EvidenceList = ()
    raised_at: Instant | None = None
    """When it became true, as far as the facts say: whoever has to answer counts from here."""


class ReturnVisitEvent(PlanEvent):
    """One return visit."""

    visit: ReturnVisitName
    due_on: LocalDate


class ReturnVisitMissed(ReturnVisitEvent):
    """Nobody had come by the end of the day after `due_on` (F6)."""


class ReturnVisitAttended(ReturnVisitEvent):
    """The patient came, on the day or on another (F6)."""

    attended_at: Instant | None = None


class RetestMissed(PlanEvent):
    """A re-test that was due had not been taken by the end of the day after (F5)."""

    due_on: LocalDate
    day: DayNumber


class RetestedPositive(PlanEvent):
    """Positive again; `episode` is the one re-tested (F5).

    `taken_back`, beside `withdrawn`: there is none because the results it names were taken back (I2).
    """

    branch: Literal["readmit", "convalescent_isolation"]
    evidence: EvidenceList = ()
    taken_back: Flag | None = None


class QuarantineExtended(PlanEvent):
    """Days were added: `days` in all, up to and including `last_day` (F5)."""

    why: Word = "positive_retest"
    days: Days
    last_day: LocalDate


class QuarantineHeld(PlanEvent):
    """The plan's end came, and something is missing (F7)."""

    why: Word = "incomplete"
    missing: Texts = ()


class QuarantineCompleted(PlanEvent):
    """Every day is logged or settled, no alert is open, no re-test is positive (F7)."""

    why: Word = "settled"
    days_logged: Days
    days_missed: Days
    days_reached_by_phone: Days
    days_in_hospital: Days = 0
    days_unknown: Days = 0


class QuarantinePaused(PlanEvent):
    """The patient lies in a hospital: nothing is asked for, and the days count as spent there (F8)."""

    why: Literal["in_hospital"] = "in_hospital"
    institution_id: InstitutionId


class QuarantineResumed(PlanEvent):
    """The stay in hospital is over, and the plan goes on (F8)."""

    why: Literal["in_hospital"] = "in_hospital"
    institution_id: InstitutionId | None = None


class QuarantineCancelled(PlanEvent):
    """The plan ended before its time (F8).

    `revoked`: the discharge is cancelled; `excluded`: the episode never was; `died`; `readmitted`: positive again, or
    brought back after a recall; else it was reported to have ended here, by the office that `by` names.
    """

    why: Literal["revoked", "excluded", "died", "readmitted", FollowUpEndReason]
    by: Text | None = None


class LostToFollowUp(PlanEvent):
    """72 h without any contact (F3)."""

    why: Word = "no_contact"


class FollowUpResumed(PlanEvent):
    """Contact after lost, or a cancelled plan revived (F3, F8)."""

    why: Word = "contact"
