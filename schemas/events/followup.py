"""Events of followup: the plan after the ward, its days, its calls, and how it ends.

Every one carries `episode` and `discharged_at`, which together name the plan (F1).
"""

from typing import Annotated, Literal

from pydantic import Field

from schemas.message import CaseEvent
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
    Identifier,
    Instant,
    LocalDate,
    ReturnVisitName,
    Slot,
    Texts,
    TimeZone,
    Value,
    Word,
)

LadderReason = Literal["day_missed", "return_visit_missed"]
AlertReason = Literal["fever", "symptoms", "went_out", "positive_test", "consultation", "against_advice"]
AlertSeverity = Literal["urgent", "high", "routine"]


class PlanEvent(CaseEvent):
    """An event about one plan."""

    episode: Episode
    discharged_at: Instant | None = None
    """The discharge that began the plan: an episode whose discharge is revoked may have a second plan."""


class ReturnVisit(Value):
    """A return visit to the hospital and the civil day on which it is due."""

    visit: ReturnVisitName
    due_on: LocalDate


class QuarantineStarted(PlanEvent):
    """A plan begins: `day_1` to `last_day`, both included; with `days` 0 `last_day` is the day of discharge (F1)."""

    day_1: LocalDate
    days: Days
    last_day: LocalDate
    time_zone: TimeZone
    slots: Annotated[tuple[Slot, ...], Field(max_length=2)] = ()
    test_days: DayNumbers = ()
    return_visits: Annotated[tuple[ReturnVisit, ...], Field(max_length=10)] = ()
    protocol: Word


class QuarantineDayLogged(LogFields, PlanEvent):
    """The log of one slot; `late`: it reached the bus after the day's end (F2)."""

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
    """Something a physician should see; one for each day and kind, restated when there is more evidence (F4)."""

    alert_id: Identifier
    why: AlertReason
    day: DayNumber
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


class RetestedPositive(PlanEvent):
    """Positive again; `episode` is the one re-tested (F5)."""

    branch: Literal["readmit", "convalescent_isolation"]
    evidence: EvidenceList = ()


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


class QuarantineCancelled(PlanEvent):
    """The plan ended before its time (F8)."""

    why: Literal["revoked", "died", "readmitted"]


class LostToFollowUp(PlanEvent):
    """72 h without any contact (F3)."""

    why: Word = "no_contact"


class FollowUpResumed(PlanEvent):
    """Contact after lost, or a cancelled plan revived (F3, F8)."""

    why: Word = "contact"
