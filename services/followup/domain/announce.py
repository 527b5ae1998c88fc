"""How a difference of what stands is said aloud, in the published language."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from chassis.judge import Said, State, difference
from schemas.events.followup import (
    CallCompleted,
    CallRequested,
    FollowUpResumed,
    HealthAlertRaised,
    HomeVisitRequested,
    LostToFollowUp,
    PlanEvent,
    QuarantineCancelled,
    QuarantineCompleted,
    QuarantineDayLogged,
    QuarantineDayMissed,
    QuarantineExtended,
    QuarantineHeld,
    QuarantineStarted,
    RetestedPositive,
    ReturnVisit,
    ReturnVisitAttended,
    ReturnVisitMissed,
)
from schemas.limits import within_limits
from services.followup.domain.alerts import Alert
from services.followup.domain.calendar import Day
from services.followup.domain.calls import RequestedCall
from services.followup.domain.conclude import Plan
from services.followup.domain.facts import Log
from services.followup.domain.midnights import Status as Standing
from services.followup.domain.retests import PositiveAgain
from services.followup.domain.standing import Addition, Terms, standing
from services.followup.domain.visits import ReturnVisit as DueVisit

_LISTED = 100


def announce(before: State, after: State) -> Iterator[Said]:
    """The difference between what stood and what stands."""
    if before.facts is after.facts and before.conclusions == after.conclusions:
        return
    plans = {plan.key: plan for state in (before, after) for plan in state.conclusions.plans}
    case_id = after.facts.case_id
    stood, stands = standing(before.facts, before.conclusions), standing(after.facts, after.conclusions)
    for (kind, key, *_), old, new in difference(stood, stands):
        voice = _VOICES[kind]
        was, now = (None if payload is None else voice.said(case_id, plans[key], payload) for payload in (old, new))
        if was == now:
            continue
        if kind == "standing" and was is not None:
            yield from _resumed(case_id, plans[key], was, now)
        if now is not None:
            yield now
        elif was is not None:
            yield Said(was.event.model_copy(update={"withdrawn": True}), was.time)


def _resumed(case_id: str, plan: Plan, was: Said, now: Said | None) -> Iterator[Said]:
    """That a plan runs again, where what is said next does not say it: revived, or in contact after it was lost."""
    event = now.event if now else None
    if isinstance(was.event, QuarantineCancelled) and not isinstance(event, QuarantineCancelled):
        yield Said(within_limits(FollowUpResumed)(**_plan_fields(case_id, plan), why="revived"), was.time)
    resumed = plan.standing.resumed
    if isinstance(was.event, LostToFollowUp) and isinstance(event, QuarantineHeld | QuarantineCompleted) and resumed:
        yield Said(within_limits(FollowUpResumed)(**_plan_fields(case_id, plan)), resumed)


def _plan_fields(case_id: str, plan: Plan) -> dict[str, Any]:
    """What every event of a plan carries."""
    return {"case_id": case_id, "episode": plan.episode, "discharged_at": plan.discharged_at}


def _started(case_id: str, plan: Plan, terms: Terms) -> PlanEvent:
    def after(days: int) -> date:
        return terms.day_0 + timedelta(days=days)

    return within_limits(QuarantineStarted)(
        **_plan_fields(case_id, plan) | {"discharged_at": terms.discharged_at},
        day_1=after(1),
        days=terms.days,
        last_day=after(terms.days),
        time_zone=terms.time_zone,
        slots=terms.asked.slots if terms.days else (),
        test_days=tuple(day for day in terms.asked.test_days if day <= terms.days),
        return_visits=tuple(ReturnVisit(visit=visit, due_on=after(due)) for visit, due in terms.asked.return_visits),
        protocol=terms.protocol,
    )


def _logged(case_id: str, plan: Plan, logged: tuple[Log, Day]) -> PlanEvent:
    log, day = logged
    return within_limits(QuarantineDayLogged)(
        **_plan_fields(case_id, plan),
        day=day.number,
        local_date=log.local_date,
        slot=log.slot,
        temperature_c=log.temperature_c,
        temperature_site=log.temperature_site,
        symptoms=log.symptoms,
        stayed_in=log.stayed_in,
        channel=log.channel,
        reporter=log.reporter,
        late=log.came >= day.end,
    )


def _missed(case_id: str, plan: Plan, day: Day) -> PlanEvent:
    return within_limits(QuarantineDayMissed)(**_plan_fields(case_id, plan), day=day.number, local_date=day.date)


def _called(case_id: str, plan: Plan, call: RequestedCall) -> PlanEvent:
    fields = _plan_fields(case_id, plan) | {
        "call_id": call.call_id,
        "why": "return_visit_missed" if call.visit else "day_missed",
        "days": call.days,
        "attempt": call.attempt,
        "call_by": call.call_by,
        "visit": call.visit or None,
    }
    if call.outcome:
        return within_limits(CallCompleted)(**fields, outcome=call.outcome, called_at=call.called_at)
    return (
        within_limits(HomeVisitRequested)(**fields, visit_by=call.call_by)
        if call.home
        else within_limits(CallRequested)(**fields)
    )


def _alarmed(case_id: str, plan: Plan, alert: Alert) -> PlanEvent:
    fields = _plan_fields(case_id, plan) | {"alert_id": alert.alert_id, "why": alert.why, "severity": alert.severity}
    return within_limits(HealthAlertRaised)(**fields, day=alert.day, evidence=alert.evidence, raised_at=alert.since)


def _returned(case_id: str, plan: Plan, visit: DueVisit) -> PlanEvent:
    fields = _plan_fields(case_id, plan) | {"visit": visit.visit, "due_on": visit.due_on}
    if visit.attended_at is None:
        return within_limits(ReturnVisitMissed)(**fields)
    return within_limits(ReturnVisitAttended)(**fields, attended_at=visit.attended_at)


def _retested(case_id: str, plan: Plan, positive: PositiveAgain) -> PlanEvent:
    return within_limits(RetestedPositive)(
        **_plan_fields(case_id, plan), branch=positive.branch, evidence=positive.evidence
    )


def _extended(case_id: str, plan: Plan, addition: Addition) -> PlanEvent:
    return within_limits(QuarantineExtended)(
        **_plan_fields(case_id, plan), days=addition.days, last_day=addition.last_day
    )


def _stands(case_id: str, plan: Plan, now: Standing) -> PlanEvent:
    fields = _plan_fields(case_id, plan)
    if now.state == "cancelled":
        return within_limits(QuarantineCancelled)(**fields, why=now.why)
    if now.state == "lost":
        return within_limits(LostToFollowUp)(**fields)
    if now.state == "running":
        return within_limits(FollowUpResumed)(**fields, why=now.why)
    if now.counts is None:
        return within_limits(QuarantineHeld)(**fields, missing=_named(now))
    return within_limits(QuarantineCompleted)(
        **fields,
        days_logged=now.counts.logged,
        days_missed=now.counts.missed,
        days_reached_by_phone=now.counts.reached_by_phone,
    )


def _named(held: Standing) -> tuple[str, ...]:
    """What is missing, by name; a list in the language has 100 entries at most, so the last may stand for many."""
    alerts = (alert.partition("@") for alert in held.alerts)
    days = tuple(f"day {number}" for number in held.missing)
    open_alerts = tuple(f"alert of day {day}: {why}" for why, _, day in alerts)[: _LISTED // 2]
    room = _LISTED - len(open_alerts)
    if len(days) > room:
        days = (*days[: room - 1], f"{len(days) - room + 1} days more")
    return (*days, *open_alerts)


class Voice(NamedTuple):
    """How one kind of thing is said, and when what it says became true."""

    say: Callable[[str, Plan, Any], PlanEvent]
    time: Callable[[Any], datetime]

    def said(self, case_id: str, plan: Plan, payload: Any) -> Said:
        return Said(self.say(case_id, plan, payload), self.time(payload))


_VOICES: Mapping[str, Voice] = {
    "plan": Voice(_started, lambda terms: terms.discharged_at),
    "slot": Voice(_logged, lambda logged: logged[0].reported_at),
    "missed_day": Voice(_missed, lambda day: day.end),
    "call": Voice(_called, lambda call: call.ended_at or call.opened_at),
    "alert": Voice(_alarmed, lambda alert: alert.since),
    "return_visit": Voice(_returned, lambda visit: visit.attended_at or visit.missed_at),
    "retest": Voice(_retested, lambda positive: positive.since),
    "extension": Voice(_extended, lambda addition: addition.at),
    "standing": Voice(_stands, lambda now: now.since),
}
