"""The days after the ward as people read them: each with what was logged, missed, settled, tested and visited."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from afterward.cli.console import counted, heading, plain_table, words
from afterward.cli.worklist_text import again

Known = Mapping[str, Any]
At = Callable[[str | None], str]
"""An instant as the reader's clock shows it; nothing for None."""

SLOT_MARKS = {
    "late": "late ",
    "missing": "-",
    "missed": "missed",
    "unknown": "unknown",
    "settled": "settled",
    "in_hospital": "in hospital",
    "skipped": "no such day",
}
RESULTS = {"detected": "[red]positive[/red]", "not_detected": "negative"}


def plan_sections(plan: Known, at: At, home: Known | None = None) -> Iterator[RenderableType]:
    """The table of a plan, what is expected after its last day, who was asked to look for the patient, and what was
    noticed. `home`: the residence that intake knows."""
    added = f", {counted(len(plan['days_added']), 'day')} added" if plan["days_added"] else ""
    span = f"{plan['day_1']} to {plan['last_day']} ({plan['protocol']}{added})"
    yield heading(f"At home, {span}: {_status(plan['status'], at)}")
    yield from _elsewhere(plan, at, home or {})
    yield _days(plan, at)
    yield from _outside(plan, at)
    for call in plan["calls"]:
        yield f"call {call['attempt']} {_asked(call, at)}"
    for visit in plan["home_visits"]:
        yield f"home visit {_asked(visit, at)}"
    if missing := plan["status"]["missing_now"]:
        yield f"missed and not settled: day {_numbers(missing)}"
    if untested := plan["status"]["tests"]:
        yield f"the plan waits for the re-test of day {_numbers(untested)}"
    for alert in plan["alerts"]:
        yield f"{alert['severity']} alert of day {alert['day']}{again(alert)}: {words(alert['why'])}, {alert['state']}"
    for one in plan["not_understood"]:
        yield f"words not understood, {at(one['at'])}: {escape(', '.join(one['words']))}"


def _status(status: Known, at: At) -> str:
    """Where the plan stands, since when, why, by whom and in which house."""
    why = f" ({words(status['why'])})" if status["why"] else ""
    since = "" if status["state"] == "running" else f" {at(status['since'])}"
    by = f", by {status['by']}" if status["by"] else ""
    lies = f", lies in {status['institution_id']}" if status["state"] == "paused" and status["institution_id"] else ""
    return f"{status['state']}{since}{why}{by}{lies}"


def _elsewhere(plan: Known, at: At, home: Known) -> Iterator[str]:
    """That the patient has moved, and the stays in other houses meanwhile."""
    place = plan["place"]
    if place and home and _lived_at(place) != _lived_at(home):
        yield f"lives in {' '.join(filter(None, _lived_at(place)))}, times there in {place['time_zone']}"
    for stay in plan["stays"]:
        until = f" until {at(stay['ended_at'])}" if stay["ended_at"] else ""
        yield f"in hospital again: {stay['institution_id']} from {at(stay['admitted_at'])}{until}"


def _lived_at(place: Known) -> tuple[str, ...]:
    """What is not known is empty, whatever a service calls it."""
    named = (place.get(name) or "" for name in ("jurisdiction", "district"))
    return tuple("" if name == "unknown" else name for name in named)


def _days(plan: Known, at: At) -> Table:
    table = plain_table("day", "date", *plan["slots"], "notes", figures=("day",))
    for day in plan["days"]:
        slots = (_slot(day[slot]) for slot in plan["slots"])
        table.add_row(str(day["day"]), day["local_date"], *slots, "; ".join(_notes(plan, day, at)))
    return table


def _slot(slot: Known) -> str:
    """What was measured, or why nothing was."""
    mark = SLOT_MARKS.get(slot["state"], "")
    return f"{mark}{slot['temperature_c']} °C" if "temperature_c" in slot else mark


def _notes(plan: Known, day: Known, at: At) -> Iterator[str]:
    """What else there is to say of a day."""
    if settled := day["settled"]:
        yield f"settled by {words(settled['by'])} {_in_year(settled['at'], at)}"
    for slot in plan["slots"]:
        yield from (f"{slot}: {complaint}" for complaint in _complaints(day[slot]))
    number = day["day"]
    yield from _tests(plan, number, at)
    yield from (_visited(visit, at) for visit in plan["return_visits"] if visit["day"] == number)


def _tests(plan: Known, day: int, at: At) -> Iterator[str]:
    """The tests of a day, and what became of the one that was due on it (F5)."""
    due = next((test for test in plan["tests_due"] if test["day"] == day), None)
    missed = due is not None and due["missed_at"] is not None
    if tested := [_tested(test) for test in plan["tests"] if test["day"] == day]:
        yield f"{'; '.join(tested)}{', told after it was missed' if missed else ''}"
    elif due is not None and missed:
        yield f"test missed, taken {_in_year(due['taken_at'], at)}" if due["taken_at"] else "test missed"
    elif day in plan["test_days"]:
        yield "test due"


def _complaints(slot: Known) -> Iterator[str]:
    if slot.get("symptoms"):
        yield counted(len(slot["symptoms"]), "symptom")
    if not slot.get("stayed_in", True):
        yield "went out"


def _tested(test: Known) -> str:
    return f"test {RESULTS[test['result']]}"


def _visited(visit: Known, at: At) -> str:
    """A return visit, as it stands: on its own day, before or after it."""
    received_at = f" {_in_year(visit['attended_at'], at)}" if visit["attended_at"] else ""
    late = ", after it was missed" if received_at and visit["missed_at"] else ""
    return f"return visit {words(visit['visit'])} {visit['state']}{received_at}{late}"


def _outside(plan: Known, at: At) -> Iterator[str]:
    """The tests and return visits of days that the table has not."""
    shown = {day["day"] for day in plan["days"]}
    for test in plan["tests"]:
        if test["day"] not in shown:
            yield f"day {test['day']}, {at(test['collected_at'])}: {_tested(test)}"
    for visit in plan["return_visits"]:
        if visit["day"] not in shown:
            yield f"day {visit['day']}, {visit['due_on']}: {_visited(visit, at)}"


def _asked(call: Known, at: At) -> str:
    about = _about(call)
    answered = f" {at(call['called_at'])}" if call["called_at"] else ""
    return f"about {about}, by {at(call['call_by'])}: {words(call['state'])}{answered}"


def _about(call: Known) -> str:
    if call["about"]:
        return f"the return visit of {words(call['about'])}"
    days = f"day {_numbers(call['days'])}" if call["days"] else ""
    if call["why"] == "day_missed":
        return days
    return f"{days} ({words(call['why'])})" if days else words(call["why"])


def _in_year(instant: str, at: At) -> str:
    """Month, day and time: the year stands at the beginning of the row."""
    return at(instant).partition("-")[2]


def _numbers(days: list[int]) -> str:
    return ", ".join(map(str, days))
