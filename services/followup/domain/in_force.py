"""The statements in force, thing by thing: what a reader holds who folds the events of a case."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from msgspec.structs import replace

from schemas.plans import version
from schemas.reference import Protocol
from services.followup import policy
from services.followup.domain.calendar import Day, by_date, date_of, day_numbered
from services.followup.domain.conclude import Conclusions, Plan
from services.followup.domain.facts import Facts, Log
from services.followup.domain.residence import Place, place_at

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


class Addition(NamedTuple):
    """The days added to a plan: the number and date of the last, and the midnight that added it."""

    days: int
    last_day: date
    at: datetime


class Placed(NamedTuple):
    """A thing, and where it is said: where the patient lived when it became true; what is to be done is said again
    where the patient lives now (F9)."""

    thing: Any
    place: Place


def in_force(facts: Facts, conclusions: Conclusions) -> dict[Slot, Placed]:
    """All that is true of a case, by thing: a pure function of what is known and concluded."""
    things: dict[Slot, Placed] = {}
    plans = conclusions.plans
    starts = {start.episode: start for start in facts.discharges if start.starts}
    for index, plan in enumerate(plans):
        start = starts[plan.episode]
        here = plan.place or place_at(start, (), plan.discharged_at)
        following = plans[index + 1] if index + 1 < len(plans) else None
        for kind, name, extra, thing, at in _of_plan(facts, plan, following):
            place = here if at is None else place_at(start, facts.residences, at)
            things[kind, plan.key, name, extra] = Placed(thing, place)
    return things


Source = tuple[Facts, Conclusions]


def differing(was: Source, now: Source) -> tuple[Source, Source]:
    """Both without the logs of those slots that show the same: nearly all of them, a day before and a day after.

    A slot shows the same where its logs are the very same, and the days, the discharges and the residences are.
    """
    before, after = was[0], now[0]
    if before.discharges is not after.discharges or before.residences is not after.residences:
        return was, now
    if list(map(_days_of, was[1].plans)) != list(map(_days_of, now[1].plans)):
        return was, now
    new, old = _beside(after.logs, before.logs), _beside(before.logs, after.logs)
    touched = {(log.local_date, log.slot) for log in (*new, *old)}
    return (_of_slots(before, touched), was[1]), (_of_slots(after, touched), now[1])


def _days_of(plan: Plan) -> tuple[object, ...]:
    """What says which days a plan has, and which log is shown on them."""
    return plan.key, plan.discharged_at, plan.episode, plan.day_0, plan.time_zone, plan.moves, plan.days, plan.added


def _beside(logs: tuple[Log, ...], others: tuple[Log, ...]) -> list[Log]:
    """Those that are not among the others."""
    if logs is others:
        return []
    known = set(map(id, others))
    return [log for log in logs if id(log) not in known]


def _of_slots(facts: Facts, slots: Collection[tuple[date, str]]) -> Facts:
    """With the logs of these slots alone."""
    return replace(
        facts, logs=tuple([log for log in facts.logs if (log.local_date, log.slot) in slots] if slots else ())
    )


Found = tuple[str, Any, Any, Any, datetime | None]
"""(kind of thing, what names it in the plan: two fields, the thing, when it became true).

That instant is None for what is to be done now."""


def _of_plan(facts: Facts, plan: Plan, following: Plan | None) -> Iterator[Found]:
    yield "plan", 0, "", _terms(plan), None
    for (number, slot), logged in _slots(facts, plan, following).items():
        yield "slot", number, slot, logged, logged[0].reported_at
    for number in plan.missed:
        day = day_numbered(plan.day_0, plan.zones, number)
        yield "missed_day", number, "", day, day.end
    for call in plan.calls:
        yield "call", call.call_id, "", call, call.ended_at if call.outcome else None
    for alert in plan.alerts:
        yield "alert", alert.alert_id, "", alert, alert.closed
    yield from _found(plan)


def _terms(plan: Plan) -> Terms:
    asked = version(plan.protocol, plan.jurisdiction, plan.day_0)
    slots = policy.plan(plan.jurisdiction, plan.day_0).slots
    zone = plan.place.time_zone if plan.place else plan.time_zone
    return Terms(plan.discharged_at, plan.day_0, plan.days, zone, plan.protocol, slots, asked)


def _found(plan: Plan) -> Iterator[Found]:
    """What was missed, found and decided."""
    for test in plan.tests:
        if test.missed_at is not None:
            yield "missed_retest", test.day, "", test, test.missed_at
    for visit in plan.visits:
        if visit.attended_at or visit.missed_at:
            yield "return_visit", visit.visit, "", visit, visit.attended_at or visit.missed_at
    positive = plan.positive or plan.taken_back
    if positive is not None:
        yield "retest", 0, "", (positive, plan.positive is None), positive.since
    if plan.added_at is not None:
        last = day_numbered(plan.day_0, plan.zones, plan.last_number)
        yield "extension", 0, "", Addition(last.number, last.date, plan.added_at), plan.added_at
    if plan.status.state != "running" or plan.status.why:
        yield "status", 0, "", plan.status, plan.status.since


def _slots(facts: Facts, plan: Plan, following: Plan | None) -> dict[tuple[int, str], tuple[Log, Day]]:
    """What each slot of the days of a plan shows: its log reported last; from the day after the next plan's discharge
    on they are that plan's (F2)."""
    calendar: Mapping[date, Day] = by_date(plan.day_0, plan.zones, plan.days, plan.added)
    until = date_of(plan.zones, following.discharged_at) if following else None
    shown: dict[tuple[int, str], tuple[Log, Day]] = {}
    for log in facts.logs:  # in the order in which those of a slot were reported
        day = calendar.get(log.local_date)
        if day is not None and log.reported_at >= day.begin and (until is None or log.local_date <= until):
            shown[day.number, log.slot] = log, day
    return shown
