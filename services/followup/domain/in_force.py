"""The statements in force, thing by thing: what a reader holds who folds the events of a case."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from schemas.plans import version
from schemas.reference import Protocol
from services.followup import policy
from services.followup.domain.calendar import Day, by_date, date_of, day_numbered
from services.followup.domain.conclude import Conclusions, Plan
from services.followup.domain.facts import Facts, Log
from services.followup.domain.residence import Place

Slot = tuple[str, str, Any, Any]
"""(kind of thing, key of its plan, what names it there)."""


class Terms(NamedTuple):
    """What a plan asks for, as QuarantineStarted says it."""

    discharged_at: datetime
    day_0: date
    days: int
    time_zone: str
    protocol: str
    slots: tuple[str, ...]
    asked: Protocol
    place: Place | None


class Addition(NamedTuple):
    """The days added to a plan: the number and date of the last, and the midnight that added it."""

    days: int
    last_day: date
    at: datetime


def in_force(facts: Facts, conclusions: Conclusions) -> dict[Slot, Any]:
    """All that is true of a case, by thing: a pure function of what is known and concluded."""
    things: dict[Slot, Any] = {}
    plans = conclusions.plans
    for index, plan in enumerate(plans):
        things["plan", plan.key, 0, ""] = _terms(plan)
        _slots(things, facts, plan, plans[index + 1] if index + 1 < len(plans) else None)
        for number in plan.missed:
            things["missed_day", plan.key, number, ""] = day_numbered(plan.day_0, plan.zones, number)
        for kind, name, payload in _found(plan):
            things[kind, plan.key, name, ""] = payload
    return things


def _terms(plan: Plan) -> Terms:
    asked = version(plan.protocol, plan.jurisdiction, plan.day_0)
    slots = policy.plan(plan.jurisdiction, plan.day_0).slots
    zone = plan.place.time_zone if plan.place else plan.time_zone
    return Terms(plan.discharged_at, plan.day_0, plan.days, zone, plan.protocol, slots, asked, plan.place)


def _found(plan: Plan) -> Iterator[tuple[str, Any, Any]]:
    """What was asked for, found and decided: (kind of thing, what names it in the plan, payload)."""
    place = plan.place  # what is to be done is said again where the patient lives now (F9)
    yield from (("call", call.call_id, (call, None if call.outcome else place)) for call in plan.calls)
    yield from (("alert", alert.alert_id, (alert, None if alert.closed else place)) for alert in plan.alerts)
    yield from (("missed_retest", test.day, test) for test in plan.tests if test.missed_at is not None)
    yield from (("return_visit", visit.visit, visit) for visit in plan.visits if visit.attended_at or visit.missed_at)
    if plan.positive is not None:
        yield "retest", 0, plan.positive
    if plan.added_at is not None:
        last = day_numbered(plan.day_0, plan.zones, plan.last_number)
        yield "extension", 0, Addition(last.number, last.date, plan.added_at)
    if plan.status.state != "running" or plan.status.why:
        yield "status", 0, plan.status


def _slots(things: dict[Slot, Any], facts: Facts, plan: Plan, following: Plan | None) -> None:
    """What each slot of the days of a plan shows: its log reported last; from the day after the next plan's discharge
    on they are that plan's (F2)."""
    calendar: Mapping[date, Day] = by_date(plan.day_0, plan.zones, plan.days, plan.added)
    until = date_of(plan.zones, following.discharged_at) if following else None
    shown: dict[tuple[int, str], tuple[Log, Day]] = {}
    for log in facts.logs:  # in the order in which those of a slot were reported
        day = calendar.get(log.local_date)
        if day is not None and log.reported_at >= day.begin and (until is None or log.local_date <= until):
            shown[day.number, log.slot] = log, day
    for (number, slot), logged in shown.items():
        things["slot", plan.key, number, slot] = logged
