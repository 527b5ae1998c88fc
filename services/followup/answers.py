"""What followup answers: the plans of a case; the items of its work lists are those of the domain."""

from typing import Annotated, Final, Literal

from pydantic import Field

from chassis.questions.answer import Answer, item_model
from schemas.events.followup import AlertReason, AlertSeverity, LadderReason
from schemas.values import (
    AttemptNumber,
    CallOutcome,
    Count,
    DayNumber,
    District,
    Episode,
    Finding,
    FollowUpEndReason,
    Identifier,
    Instant,
    InstitutionId,
    Jurisdiction,
    LocalDate,
    LogChannel,
    Reporter,
    ResultId,
    ReturnVisitName,
    Slot,
    Symptom,
    TemperatureOnRecord,
    TemperatureSite,
    Text,
    TimeZone,
    Word,
)
from services.followup.domain import worklist

Nothing = Literal[""]
Silent = Literal["awaited", "missing", "missed", "unknown", "settled", "in_hospital", "skipped"]
Counts = Annotated[
    tuple[Count, Count, Count, Count, Count],
    Field(description="Days logged, missed, reached by phone, in hospital, and unknown."),
]


class SilentSlot(Answer):
    """A slot without a log: `missing`, where the day has one of the other slot; `missed` with the whole day, and
    `settled` when that was answered; `unknown` where nobody had asked; `skipped` with a date that never was."""

    state: Silent


class LoggedSlot(Answer):
    """What a log of the slot says; `late`: it reached the bus after the day's end (F2)."""

    state: Literal["logged", "late"]
    temperature_c: TemperatureOnRecord
    temperature_site: TemperatureSite
    symptoms: tuple[Symptom, ...]
    stayed_in: bool
    channel: LogChannel
    reporter: Reporter
    reported_at: Instant


class Settled(Answer):
    """By what a missed day was settled, and when; `hospital`: the patient was admitted."""

    by: Literal["call", "home_visit", "return_visit", "hospital", "late_log"]
    at: Instant


class Day(Answer):
    """A row of the grid: a civil day of the plan, counted from the day of discharge, with the slots that are asked for.

    `missed`: it ended without a log; `settled`: null unless that was answered since.
    """

    day: DayNumber
    local_date: LocalDate
    missed: bool
    settled: Settled | None
    am: LoggedSlot | SilentSlot | None = None
    pm: LoggedSlot | SilentSlot | None = None


class Test(Answer):
    """A re-test that says something, collected on a day of the plan; by its Ct values, where they count (F5)."""

    __test__ = False  # pytest would collect it by its name

    day: DayNumber
    result_id: ResultId
    collected_at: Instant
    resulted_at: Instant
    result: Literal["detected", "not_detected"]


class DueTest(Answer):
    """A re-test that is due on a day of the plan; `missed_at`: the midnight by which it had not been taken."""

    day: DayNumber
    due_on: LocalDate
    missed_at: Instant | None
    taken_at: Instant | None


class Stay(Answer):
    """A stay in another hospital; `ended_at` is null while it lasts."""

    institution_id: InstitutionId
    admitted_at: Instant
    ended_at: Instant | None


class Place(Answer):
    """Where the patient lives now; "" is what nobody knows."""

    jurisdiction: Jurisdiction | Nothing
    district: District | Nothing
    time_zone: TimeZone


class Words(Answer):
    """Words for symptoms, told at an instant, that are neither codes nor on the list (F4)."""

    at: Instant
    words: tuple[str, ...]


class Status(Answer):
    """Where the plan stands (F8), since when, and why.

    `why`: what cancelled it; `contact` or `in_hospital`: a plan that was lost or paused runs again. `by`: who ended the
    follow-up. `missing`, `tests`: the days, and the days of the re-tests, that held it at its end. `counts`: of a
    completed plan. `institution_id`: where the patient lies. "" is what does not apply. `missing_now`: the days missed
    and not settled since. `open_alerts`: how many primary care has not closed.
    """

    state: Literal["running", "paused", "lost", "held", "completed", "cancelled"]
    since: Instant
    why: Literal["revoked", "excluded", "died", "readmitted", "contact", "in_hospital"] | FollowUpEndReason | Nothing
    missing: tuple[DayNumber, ...]
    tests: tuple[DayNumber, ...]
    counts: Counts | None
    by: Text | Nothing
    institution_id: InstitutionId | Nothing
    missing_now: tuple[DayNumber, ...]
    open_alerts: Count


class PositiveAgain(Answer):
    """Positive again (F5): where that leads, since when, and by what evidence."""

    branch: Literal["readmit", "convalescent_isolation"]
    since: Instant
    evidence: tuple[str, ...]


class Call(Answer):
    """A call or a home visit that was asked for; it is reported under `call_id` (F3).

    `days`: what it is about, where that is no return visit, which `about` names. `call_by`: by when. `state`: `open`
    while somebody is to call, else how it ended: `lapsed`: nothing reported in time; `withdrawn`: no longer needed.
    """

    call_id: Identifier
    attempt: AttemptNumber
    days: tuple[DayNumber, ...]
    call_by: Instant
    called_at: Instant | None
    ended_at: Instant | None
    why: LadderReason
    about: ReturnVisitName | None
    state: Literal["open", CallOutcome, "lapsed", "withdrawn"]


class Alert(Answer):
    """Something a physician should see: one for each day, reason and round (F4); `open` until primary care closes it.

    `since`: when the first of its evidence was reported.
    """

    alert_id: Identifier
    day: DayNumber
    why: AlertReason
    round: Annotated[int, Field(ge=1)]
    severity: AlertSeverity
    evidence: tuple[str, ...]
    since: Instant
    state: Literal["open", "closed"]


class ReturnVisit(Answer):
    """A return visit: due on a civil day, the one of the plan that `day` says (F6)."""

    day: DayNumber
    visit: ReturnVisitName
    due_on: LocalDate
    missed_at: Instant | None
    attended_at: Instant | None
    state: Literal["attended", "missed", "awaited"]


class Plan(Answer):
    """The plan of one discharge: `day_1` to `last_day`, both included, with the days added since (F1, F5).

    `slots`: what is asked for of a day. `place`: null in what the first edition stored. `test_days`: on which a re-test
    is due by the protocol; `tests_due`: those of them that have been looked at.
    """

    episode: Episode
    discharged_at: Instant
    time_zone: TimeZone
    protocol: Word
    day_1: LocalDate
    last_day: LocalDate
    days_added: tuple[DayNumber, ...]
    slots: tuple[Slot, ...]
    test_days: tuple[DayNumber, ...]
    tests: tuple[Test, ...]
    tests_due: tuple[DueTest, ...]
    stays: tuple[Stay, ...]
    place: Place | None
    not_understood: tuple[Words, ...]
    status: Status
    positive_again: PositiveAgain | None
    days: tuple[Day, ...]
    calls: tuple[Call, ...]
    home_visits: tuple[Call, ...]
    alerts: tuple[Alert, ...]
    return_visits: tuple[ReturnVisit, ...]


class ReportedVisit(Answer):
    """A return visit as it was reported; without `attended_at` the patient did not come."""

    visit: ReturnVisitName
    attended_at: Instant | None
    findings: Finding | None


class Case(Answer):
    """The plans of a case, in the order of the discharges; `looks_again_at`: when the clock alone may change this."""

    plans: tuple[Plan, ...]
    return_visits_reported: tuple[ReportedVisit, ...]
    looks_again_at: Instant | None


CallItem: Final = item_model(worklist.AskedItem, kind=Literal["call"], why=LadderReason)
HomeVisitItem: Final = item_model(worklist.AskedItem, kind=Literal["home_visit"], why=LadderReason)
ReturnVisitItem: Final = item_model(worklist.ExpectedItem, kind=Literal["return_visit"], visit=ReturnVisitName)
WordItem: Final = item_model(worklist.WordItem, kind=Literal["not_understood"], visit=Literal[None])
