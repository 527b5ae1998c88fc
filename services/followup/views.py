"""Questions that others may ask of followup's database; read only."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import to_builtins
from msgspec.structs import asdict

from services.followup import policy
from services.followup.domain import Conclusions, Facts, standing
from services.followup.domain.calendar import Day, by_date
from services.followup.domain.conclusions import Alert, Plan, RequestedCall, ReturnVisit
from services.followup.domain.days import Diary
from services.followup.domain.facts import Log
from services.followup.domain.ground import Ground, grounds

Logged = Mapping[tuple[int, str], tuple[Log, Day]]


def case(facts: Facts, conclusions: Conclusions, now: datetime) -> dict[str, Any]:
    """The plans of a case, each with its grid of days, what was asked for, its alerts and return visits, and where it
    stands and why; return visits as they were reported."""
    logged: dict[str, dict[tuple[int, str], tuple[Log, Day]]] = {plan.key: {} for plan in conclusions.plans}
    for (kind, key, number, slot), payload in standing(facts, conclusions).items():
        if kind == "slot":
            logged[key][number, slot] = payload
    stand_on = {ground.key: ground for ground in grounds(facts)}
    return {
        "plans": [_plan(plan, stand_on[plan.key], facts, logged[plan.key], now) for plan in conclusions.plans],
        "return_visits_reported": [_told(visit, "visit", "attended_at", "findings") for visit in facts.visits],
        "looks_again_at": to_builtins(conclusions.due),
    }


def _plan(plan: Plan, ground: Ground, facts: Facts, logged: Logged, now: datetime) -> dict[str, Any]:
    last_day = plan.day_0 + timedelta(days=plan.last_number)
    calendar = by_date(plan.day_0, plan.time_zone, plan.days, plan.added)
    terms, diary = policy.plan(plan.jurisdiction, plan.day_0), Diary(ground, facts)
    settled = {number for number in plan.missed if diary.missed(ground.day(number)).settled}
    return {
        **_told(plan, "episode", "discharged_at", "time_zone", "protocol"),
        "day_1": str(plan.day_0 + timedelta(days=1)),
        "last_day": str(last_day),
        "days_added": list(plan.added),
        "test_days": [day for day in terms.test_days if day <= plan.days],
        "standing": _standing(plan, settled),
        "positive_again": _told(plan.positive, "branch", "since", "evidence") if plan.positive else None,
        "days": [_day(plan, day, terms.slots, logged, settled, now) for day in calendar.values()],
        "calls": [_call(call) for call in plan.calls if not call.home],
        "home_visits": [_call(call) for call in plan.calls if call.home],
        "alerts": [_alert(alert) for alert in plan.alerts],
        "return_visits": [_visit(visit) for visit in plan.visits],
    }


def _standing(plan: Plan, settled: set[int]) -> dict[str, Any]:
    """`missing_now`: the days missed and not settled since. `open_alerts`: how many primary care has not closed."""
    told = _told(plan.standing, "state", "since", "why", "missing", "counts")
    missing = [number for number in plan.missed if number not in settled]
    return {**told, "missing_now": missing, "open_alerts": sum(1 for alert in plan.alerts if alert.closed is None)}


def _day(
    plan: Plan, day: Day, slots: tuple[str, ...], logged: Logged, settled: set[int], now: datetime
) -> dict[str, Any]:
    """A row of the grid; a slot is `awaited`, `logged`, `late`, `missing` from a day that has a log of the other slot,
    `missed` with the whole day, `settled` when that was answered, or `skipped` with a date that never was."""
    answered = ("settled" if day.number in settled else "missed") if day.number in plan.missed else "missing"
    silent = "skipped" if day.skipped else answered if day.end <= now else "awaited"
    return {"day": day.number, "local_date": str(day.date)} | {
        slot: _slot(logged.get((day.number, slot)), silent) for slot in slots
    }


def _slot(logged: tuple[Log, Day] | None, silent: str) -> dict[str, Any]:
    if logged is None:
        return {"state": silent}
    log, day = logged
    fields = ("temperature_c", "temperature_site", "symptoms", "stayed_in", "channel", "reporter", "reported_at")
    return {"state": "late" if log.came >= day.end else "logged", **_told(log, *fields)}


def _call(call: RequestedCall) -> dict[str, Any]:
    """`state`: `open` while somebody is to call, else the outcome. `about`: the return visit, where it is about one."""
    told = _told(call, "call_id", "attempt", "days", "call_by", "called_at", "ended_at")
    return {**told, "about": call.visit or None, "state": call.outcome or "open"}


def _alert(alert: Alert) -> dict[str, Any]:
    """`state`: `open` until primary care closes it."""
    told = _told(alert, "alert_id", "day", "why", "severity", "evidence", "since")
    return {**told, "state": "closed" if alert.closed else "open"}


def _visit(visit: ReturnVisit) -> dict[str, Any]:
    """`state`: `attended`, `missed`, or `awaited`."""
    state = "attended" if visit.attended_at else "missed" if visit.missed_at else "awaited"
    return {**_told(visit, "visit", "due_on", "missed_at", "attended_at"), "state": state}


def _told(fact: Any, *names: str) -> dict[str, Any]:
    """Some fields, ready for JSON."""
    fields = asdict(fact)
    return {name: to_builtins(fields[name]) for name in names}
