"""How a difference of what stands is said aloud, in the published language."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from chassis.judge import Said, State, difference
from schemas.events.followup import (
    CallCompleted,
    CallRequested,
    FollowUpResumed,
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
)
from services.followup.domain.calendar import Day
from services.followup.domain.conclusions import Plan, PositiveAgain, RequestedCall, Standing
from services.followup.domain.facts import Log
from services.followup.domain.standing import Addition, Terms, standing

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
        if (
            was
            and isinstance(was.event, QuarantineCancelled)
            and not (now and isinstance(now.event, QuarantineCancelled))
        ):
            yield Said(FollowUpResumed(**_plan_fields(case_id, plans[key]), why="revived"), was.time)
        if now is not None:
            yield now
        elif was is not None:
            yield Said(was.event.model_copy(update={"withdrawn": True}), was.time)


def _plan_fields(case_id: str, plan: Plan) -> dict[str, Any]:
    """What every event of a plan carries."""
    return {"case_id": case_id, "episode": plan.episode, "discharged_at": plan.discharged_at}


def _started(case_id: str, plan: Plan, terms: Terms) -> PlanEvent:
    def after(days: int) -> date:
        return terms.day_0 + timedelta(days=days)

    return QuarantineStarted(
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
    return QuarantineDayLogged(
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
    return QuarantineDayMissed(**_plan_fields(case_id, plan), day=day.number, local_date=day.date)


def _called(case_id: str, plan: Plan, call: RequestedCall) -> PlanEvent:
    fields = _plan_fields(case_id, plan) | {"call_id": call.call_id}
    if call.outcome:
        return CallCompleted(**fields, outcome=call.outcome, called_at=call.called_at)
    return CallRequested(**fields, why="day_missed", days=call.days, attempt=call.attempt, call_by=call.call_by)


def _retested(case_id: str, plan: Plan, positive: PositiveAgain) -> PlanEvent:
    return RetestedPositive(**_plan_fields(case_id, plan), branch=positive.branch, evidence=positive.evidence)


def _extended(case_id: str, plan: Plan, addition: Addition) -> PlanEvent:
    return QuarantineExtended(**_plan_fields(case_id, plan), days=addition.days, last_day=addition.last_day)


def _stands(case_id: str, plan: Plan, now: Standing) -> PlanEvent:
    fields = _plan_fields(case_id, plan)
    if now.state == "cancelled":
        return QuarantineCancelled(**fields, why=now.why)
    if now.counts is None:
        return QuarantineHeld(**fields, missing=_named(now.missing))
    return QuarantineCompleted(
        **fields,
        days_logged=now.counts.logged,
        days_missed=now.counts.missed,
        days_reached_by_phone=now.counts.reached_by_phone,
    )


def _named(missing: tuple[int, ...]) -> tuple[str, ...]:
    """Days by name; a list in the language has no more than 100 entries, so the last may stand for many."""
    named = tuple(f"day {number}" for number in missing)
    return named if len(named) <= _LISTED else (*named[: _LISTED - 1], f"{len(named) - _LISTED + 1} days more")


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
    "retest": Voice(_retested, lambda positive: positive.since),
    "extension": Voice(_extended, lambda addition: addition.at),
    "standing": Voice(_stands, lambda now: now.since),
}
