"""What followup states: a plan with its days, what was asked for, found and decided in it, and its status."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from chassis.decide.announcing import Announcer, Statement, Things, by_kind, restated
from schemas.events.followup import (
    CallCompleted,
    CallRequested,
    FollowUpResumed,
    HealthAlertRaised,
    HomeVisitRequested,
    LostToFollowUp,
    QuarantineCancelled,
    QuarantineCompleted,
    QuarantineDayLogged,
    QuarantineDayMissed,
    QuarantineExtended,
    QuarantineHeld,
    QuarantinePaused,
    QuarantineResumed,
    QuarantineStarted,
    RetestedPositive,
    RetestMissed,
    ReturnVisitAttended,
    ReturnVisitMissed,
)
from services.followup.domain.calendar import Day
from services.followup.domain.calls import RequestedCall
from services.followup.domain.conclude import CaseState, Conclusions, Plan
from services.followup.domain.due_tests import DueTest
from services.followup.domain.facts import Facts, Log
from services.followup.domain.in_force import Addition, Placed, Slot, Terms, differing, in_force
from services.followup.domain.residence import Place
from services.followup.domain.retests import PositiveAgain
from services.followup.domain.rounds import Alert
from services.followup.domain.status import Status
from services.followup.domain.visits import ReturnVisit

_LISTED = 100


class Plans(NamedTuple):
    """What every statement of a case needs: whose plans they are, and each by its key, as it is or was."""

    case_id: str
    by_key: Mapping[str, Plan]
    place: Place | None = None
    """Where what is worded is said (F9)."""

    def about(self, slot: Slot) -> dict[str, Any]:
        """What every event of a plan carries."""
        plan = self.by_key[slot[1]]
        place = self.place or plan.place or Place(plan.jurisdiction, "", plan.time_zone)
        return {
            "case_id": self.case_id,
            "episode": plan.episode,
            "discharged_at": plan.discharged_at,
            "jurisdiction": place.jurisdiction or None,
            "district": place.district or None,
            "time_zone": place.time_zone,
        }


def _plans(before: CaseState, after: CaseState) -> Plans:
    known = {plan.key: plan for state in (before, after) for plan in state.conclusions.plans}
    return Plans(after.facts.case_id, known)


def _started(plans: Plans, slot: Slot, terms: Terms) -> Statement:
    def after(days: int) -> date:
        return terms.day_0 + timedelta(days=days)

    data = plans.about(slot) | {
        "discharged_at": terms.discharged_at,
        "day_1": after(1),
        "days": terms.days,
        "last_day": after(terms.days),
        "time_zone": terms.time_zone,
        "slots": terms.slots if terms.days else (),
        "test_days": tuple(day for day in terms.asked.test_days if day <= terms.days),
        "return_visits": tuple({"visit": visit, "due_on": after(due)} for visit, due in terms.asked.return_visits),
        "protocol": terms.protocol,
        "primary_institution_id": (plans.place.primary_institution_id or None) if plans.place else None,
    }
    return Statement(QuarantineStarted, terms.discharged_at, data)


def _logged(plans: Plans, slot: Slot, logged: tuple[Log, Day]) -> Statement:
    log, day = logged
    data = plans.about(slot) | {
        "day": day.number,
        "local_date": log.local_date,
        "slot": log.slot,
        "temperature_c": log.temperature_c,
        "temperature_site": log.temperature_site,
        "symptoms": log.symptoms,
        "stayed_in": log.stayed_in,
        "channel": log.channel,
        "reporter": log.reporter,
        "late": log.received_at >= day.end,
    }
    return Statement(QuarantineDayLogged, log.reported_at, data)


def _missed(plans: Plans, slot: Slot, day: Day) -> Statement:
    return Statement(QuarantineDayMissed, day.end, plans.about(slot) | {"day": day.number, "local_date": day.date})


def _called(plans: Plans, slot: Slot, call: RequestedCall) -> Statement:
    data = plans.about(slot) | {
        "call_id": call.call_id,
        "why": call.why or ("return_visit_missed" if call.visit else "day_missed"),
        "days": call.days,
        "attempt": call.attempt,
        "call_by": call.call_by,
        "visit": call.visit or None,
    }
    time = call.ended_at or call.opened_at
    if call.outcome:
        return Statement(CallCompleted, time, data | {"outcome": call.outcome, "called_at": call.called_at})
    if call.home:
        return Statement(HomeVisitRequested, time, data | {"visit_by": call.call_by})
    return Statement(CallRequested, time, data)


def _alarmed(plans: Plans, slot: Slot, alert: Alert) -> Statement:
    data = plans.about(slot) | {
        "alert_id": alert.alert_id,
        "why": alert.why,
        "severity": alert.severity,
        "day": alert.day,
        "round": alert.round,
        "evidence": alert.evidence,
        "raised_at": alert.since,
    }
    return Statement(HealthAlertRaised, alert.since, data)


def _returned(plans: Plans, slot: Slot, visit: ReturnVisit) -> Statement:
    """Of a visit in force one of the two instants is known."""
    data = plans.about(slot) | {"visit": visit.visit, "due_on": visit.due_on}
    time: Any = visit.attended_at or visit.missed_at
    if visit.attended_at is not None:
        return Statement(ReturnVisitAttended, time, data | {"attended_at": visit.attended_at})
    return Statement(ReturnVisitMissed, time, data)


def _retested(plans: Plans, slot: Slot, retested: tuple[PositiveAgain, bool]) -> Statement:
    """A readmission whose results were taken back is said as that, also where nobody had been told of it before."""
    positive, is_taken_back = retested
    data = plans.about(slot) | {"branch": positive.branch, "evidence": positive.evidence}
    taken_back = {"withdrawn": True, "taken_back": True} if is_taken_back else {}
    return Statement(RetestedPositive, positive.since, data | taken_back)


def _untested(plans: Plans, slot: Slot, test: DueTest) -> Statement:
    """One in force has been missed."""
    missed_at: Any = test.missed_at
    return Statement(RetestMissed, missed_at, plans.about(slot) | {"due_on": test.due_on, "day": test.day})


def _extended(plans: Plans, slot: Slot, addition: Addition) -> Statement:
    data = plans.about(slot) | {"days": addition.days, "last_day": addition.last_day}
    return Statement(QuarantineExtended, addition.at, data)


def _stands(plans: Plans, slot: Slot, now: Status) -> Statement:
    data = plans.about(slot)
    if now.state == "cancelled":
        return Statement(QuarantineCancelled, now.since, data | {"why": now.why, "by": now.by or None})
    if now.state == "paused":
        return Statement(QuarantinePaused, now.since, data | {"institution_id": now.institution_id})
    if now.state == "lost":
        return Statement(LostToFollowUp, now.since, data)
    if now.state == "running":
        is_back = now.why == "in_hospital"
        return Statement(QuarantineResumed if is_back else FollowUpResumed, now.since, data | {"why": now.why})
    if now.counts is None:
        return Statement(QuarantineHeld, now.since, data | {"missing": _named(now)})
    counts = {
        "days_logged": now.counts.logged,
        "days_missed": now.counts.missed,
        "days_reached_by_phone": now.counts.reached_by_phone,
        "days_in_hospital": now.counts.in_hospital,
        "days_unknown": now.counts.unknown,
    }
    return Statement(QuarantineCompleted, now.since, data | counts)


def _named(held: Status) -> tuple[str, ...]:
    """What is missing, by name; a list in the language has 100 entries at most, so the last may stand for many."""
    alerts = (alert.partition("@") for alert in held.alerts)
    days = tuple(f"day {number}" for number in held.missing)
    open_alerts = tuple(f"alert of day {day}: {why}" for why, _, day in alerts)[: _LISTED // 2]
    open_alerts = (*(f"re-test of day {day}" for day in held.tests), *open_alerts)
    room = _LISTED - len(open_alerts)
    if len(days) > room:
        days = (*days[: room - 1], f"{len(days) - room + 1} days more")
    return (*days, *open_alerts)


def _changed(plans: Plans, slot: Slot, was: Statement, now: Statement | None) -> Iterator[Statement]:
    """Before what is said of a thing next: that its plan runs again."""
    if slot[0] == "status":
        yield from _resumed(plans, slot, was, now)
    if slot[0] == "retest":  # without a ground at all, its results are no longer why
        was = was._replace(data={name: value for name, value in was.data.items() if name != "taken_back"})
    yield from restated(plans, slot, was, now)


def _resumed(plans: Plans, slot: Slot, was: Statement, now: Statement | None) -> Iterator[Statement]:
    """That a plan runs again, where what is said next does not say it: revived, out of hospital, or in contact after it
    was lost."""
    event, status = now.event if now else None, plans.by_key[slot[1]].status
    if was.event is QuarantineCancelled and event is not QuarantineCancelled:
        yield Statement(FollowUpResumed, was.time, plans.about(slot) | {"why": "revived"})
    if (
        was.event is QuarantinePaused
        and status.state not in _SAY_SO
        and event is not QuarantineResumed
        and status.left is not None
    ):
        yield Statement(QuarantineResumed, status.left, plans.about(slot))
    if was.event is LostToFollowUp and event in {QuarantineHeld, QuarantineCompleted} and status.resumed:
        yield Statement(FollowUpResumed, status.resumed, plans.about(slot))


_SAY_SO: Final = {"paused", "cancelled"}
"""The statuses of a plan that does not run again."""


_WORDS: Final = by_kind(
    {
        "plan": _started,
        "slot": _logged,
        "missed_day": _missed,
        "call": _called,
        "alert": _alarmed,
        "return_visit": _returned,
        "missed_retest": _untested,
        "retest": _retested,
        "extension": _extended,
        "status": _stands,
    }
)


def _word(plans: Plans, slot: Slot, placed: Placed) -> Statement:
    return _WORDS(plans._replace(place=placed.place), slot, placed.thing)


announce: Announcer[Facts, Conclusions] = Announcer(
    {
        "plan": Things(
            lambda state: (state.facts, state.conclusions),
            lambda source: in_force(*source),
            _word,
            change=_changed,
            differing=differing,
        )
    },
    case=_plans,
)
