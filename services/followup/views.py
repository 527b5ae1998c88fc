"""Questions that others may ask of followup's database; read only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from msgspec import to_builtins
from msgspec.structs import asdict

from chassis.questions.question import CaseQuestion, Location, Questions, WorkListQuestion
from chassis.store.connection import Connection, sql
from chassis.store.pagination import Entry, Page, read_page
from services.followup import answers, policy
from services.followup.domain import Conclusions, Facts, in_force
from services.followup.domain.basis import Basis, bases
from services.followup.domain.calendar import Day, by_date
from services.followup.domain.calls import RequestedCall
from services.followup.domain.conclude import Plan
from services.followup.domain.days import ContactLog
from services.followup.domain.deadlines import Settlement
from services.followup.domain.facts import Log, Retest
from services.followup.domain.retests import read
from services.followup.domain.rounds import Alert
from services.followup.domain.stays import Stay, stays_of
from services.followup.domain.visits import ReturnVisit
from services.followup.domain.worklist import place_of

Logged = Mapping[tuple[int, str], tuple[Log, Day]]


def case(facts: Facts, conclusions: Conclusions, now: datetime) -> dict[str, Any]:
    """The plans of a case, each with its grid of days, what was asked for, its alerts and return visits, and where it
    stands and why; return visits as they were reported."""
    logged: dict[str, dict[tuple[int, str], tuple[Log, Day]]] = {plan.key: {} for plan in conclusions.plans}
    for (kind, key, number, slot), placed in in_force(facts, conclusions).items():
        if kind == "slot":
            logged[key][number, slot] = placed.thing
    basis_of = {basis.key: basis for basis in bases(facts)}
    return {
        "plans": [_plan(plan, basis_of[plan.key], facts, logged[plan.key], now) for plan in conclusions.plans],
        "return_visits_reported": [as_json(visit, "visit", "attended_at", "findings") for visit in facts.visits],
        "looks_again_at": to_builtins(conclusions.due),
    }


def place(facts: Facts, conclusions: Conclusions) -> Location | None:
    """Where the last plan is; followup knows it of no case without one."""
    found = place_of(facts, conclusions.plans[-1]) if conclusions.plans else None
    return Location(found.jurisdiction, found.district or None) if found and found.jurisdiction else None


async def calls(connection: Connection, page: Page) -> list[Entry]:
    """The cases with an open call, by when the first of theirs has to be made; items: `domain.worklist.AskedItem`."""
    return await read_page(connection, sql("list_calls", "services.followup.sql"), page)


async def visits(connection: Connection, page: Page) -> list[Entry]:
    """The cases with a home visit to be made or a return visit to come, by when the first of theirs is due; items are
    `domain.worklist.AskedItem`s and `ExpectedItem`s."""
    return await read_page(connection, sql("list_visits", "services.followup.sql"), page)


async def not_understood(connection: Connection, page: Page) -> list[Entry]:
    """The cases with words for symptoms that are neither codes nor on the list, by when the first were told; items are
    `domain.worklist.WordItem`s (F4)."""
    return await read_page(connection, sql("list_not_understood", "services.followup.sql"), page)


def _plan(plan: Plan, basis: Basis, facts: Facts, logged: Logged, now: datetime) -> dict[str, Any]:
    calendar = by_date(plan.day_0, plan.zones, plan.days, plan.added)
    terms, contact_log = policy.plan(plan.jurisdiction, plan.day_0), ContactLog(basis, facts, stays_of(basis, facts))
    silent = (*plan.unknown, *plan.missed)
    answers = {number: contact_log.missed(basis.day(number)).settled for number in silent}
    settled = {number: _answer(plan, facts, answer) for number, answer in answers.items() if answer}
    away = frozenset(day.number for day in calendar.values() if contact_log.in_hospital_since(day))
    grid = Grid(terms.slots, logged, settled, away, now)
    return {
        **as_json(plan, "episode", "discharged_at", "time_zone", "protocol"),
        "day_1": str(basis.day(1).date),
        "last_day": str(basis.day(plan.last_number).date),
        "days_added": list(plan.added),
        "slots": list(terms.slots),
        "test_days": [day for day in basis.asked.test_days if day <= plan.days],
        "tests": [_test(basis, test) for test in read(basis, facts) if basis.holds(test.collected_at) and test.speaks],
        "tests_due": [as_json(test, "day", "due_on", "missed_at", "taken_at") for test in plan.tests],
        "stays": [_stay(stay) for stay in stays_of(basis, facts) if stay.stands],
        "place": as_json(plan.place, "jurisdiction", "district", "time_zone") if plan.place else None,
        "not_understood": [{"at": to_builtins(one.at), "words": list(one.words)} for one in plan.not_understood],
        "status": _status(plan, settled),
        "positive_again": as_json(plan.positive, "branch", "since", "evidence") if plan.positive else None,
        "days": [_day(plan, day, grid) for day in calendar.values()],
        "calls": [_call(call) for call in plan.calls if not call.home],
        "home_visits": [_call(call) for call in plan.calls if call.home],
        "alerts": [_alert(alert) for alert in plan.alerts],
        "return_visits": [_visit(basis, visit) for visit in plan.visits],
    }


def _status(plan: Plan, settled: Mapping[int, Any]) -> dict[str, Any]:
    """`missing_now`: the days missed and not settled since. `open_alerts`: how many primary care has not closed."""
    shown = as_json(plan.status, "state", "since", "why", "missing", "tests", "counts", "by", "institution_id")
    missing = [number for number in (*plan.unknown, *plan.missed) if number not in settled]
    return {**shown, "missing_now": missing, "open_alerts": sum(1 for alert in plan.alerts if alert.closed is None)}


class Grid(NamedTuple):
    """What the rows of a plan's days are drawn from: the logs shown, the answers to missed days, the numbers of the
    days spent in hospital, and the instant at which it is asked."""

    slots: tuple[str, ...]
    logged: Logged
    settled: Mapping[int, dict[str, Any]]
    in_hospital: frozenset[int]
    now: datetime


def _day(plan: Plan, day: Day, grid: Grid) -> dict[str, Any]:
    """A row of the grid; a slot is `awaited`, `logged`, `late`, `missing` from a day that has a log of the other slot,
    `missed` with the whole day, `unknown` where nobody had asked, `settled` when that was answered, `in_hospital`, or
    `skipped` with a date that never was.

    `settled`: by what a missed day was, and when; None of all others.
    """
    row = {"day": day.number, "local_date": str(day.date), "missed": day.number in plan.missed}
    row["settled"] = grid.settled.get(day.number)
    silent = _silent(plan, day, grid)
    return row | {slot: _slot(grid.logged.get((day.number, slot)), silent) for slot in grid.slots}


def _silent(plan: Plan, day: Day, grid: Grid) -> str:
    """What a slot without a log is."""
    if day.skipped:
        return "skipped"
    if day.number in grid.in_hospital:
        return "in_hospital"
    if day.end > grid.now:
        return "awaited"
    if day.number in grid.settled:
        return "settled"
    return "unknown" if day.number in plan.unknown else "missed" if day.number in plan.missed else "missing"


def _answer(plan: Plan, facts: Facts, settlement: Settlement) -> dict[str, Any]:
    """What settled a missed day: a `call`, a `home_visit`, a `return_visit`, a stay in a `hospital` or a `late_log`."""
    homes = {call.call_id for call in plan.calls if call.home}
    reached = {call.called_at: call.call_id in homes for call in facts.calls if call.outcome == "reached"}
    by = "late_log"
    if settlement.at in reached:
        by = "home_visit" if reached[settlement.at] else "call"
    elif any(visit.attended_at == settlement.at for visit in facts.visits):
        by = "return_visit"
    elif any(stay.admitted_at == settlement.at for stay in facts.admissions):
        by = "hospital"
    return {"by": by, "at": to_builtins(settlement.at)}


def _test(basis: Basis, test: Retest) -> dict[str, Any]:
    """A re-test that speaks, with the day of the plan on which it was collected; by its Ct values, where they count."""
    shown = {"day": basis.number_at(test.collected_at)}
    shown |= as_json(test, "result_id", "collected_at", "resulted_at")
    return shown | {"result": "detected" if test.positive else "not_detected"}


def _stay(stay: Stay) -> dict[str, Any]:
    """A stay in another hospital, which may last."""
    return {
        "institution_id": stay.institution_id,
        "admitted_at": to_builtins(stay.admitted_at),
        "ended_at": to_builtins(stay.ended_at),
    }


def _slot(logged: tuple[Log, Day] | None, silent: str) -> dict[str, Any]:
    if logged is None:
        return {"state": silent}
    log, day = logged
    fields = ("temperature_c", "temperature_site", "symptoms", "stayed_in", "channel", "reporter", "reported_at")
    return {"state": "late" if log.received_at >= day.end else "logged", **as_json(log, *fields)}


def _call(call: RequestedCall) -> dict[str, Any]:
    """`state`: `open` while somebody is to call, else the outcome. `about`: the return visit, where it is about one."""
    shown = as_json(call, "call_id", "attempt", "days", "call_by", "called_at", "ended_at")
    why = call.why or ("return_visit_missed" if call.visit else "day_missed")
    return {**shown, "why": why, "about": call.visit or None, "state": call.outcome or "open"}


def _alert(alert: Alert) -> dict[str, Any]:
    """`state`: `open` until primary care closes it."""
    shown = as_json(alert, "alert_id", "day", "why", "round", "severity", "evidence", "since")
    return {**shown, "state": "closed" if alert.closed else "open"}


def _visit(basis: Basis, visit: ReturnVisit) -> dict[str, Any]:
    """`state`: `attended`, `missed`, or `awaited`; `day`: the one of the plan's calendar on which it is due."""
    state = "attended" if visit.attended_at else "missed" if visit.missed_at else "awaited"
    shown = {"day": basis.number_on(visit.due_on), **as_json(visit, "visit", "due_on", "missed_at", "attended_at")}
    return {**shown, "state": state}


def as_json(fact: Any, *names: str) -> dict[str, Any]:
    """Some fields, ready for JSON."""
    fields = asdict(fact)
    return {name: to_builtins(fields[name]) for name in names}


QUESTIONS: Final[Questions] = (
    CaseQuestion(case, answers.Case, place),
    WorkListQuestion("calls", calls, answers.CallItem),
    WorkListQuestion("visits", visits, answers.HomeVisitItem | answers.ReturnVisitItem),
    WorkListQuestion("not-understood", not_understood, answers.WordItem),
)
