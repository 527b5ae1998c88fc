"""The days after the ward as people read them: each with what was logged, missed, settled, tested and visited."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from afterward.cli.console import counted, heading, plain_table, words

Known = Mapping[str, Any]
At = Callable[[str | None], str]
"""An instant as the reader's clock shows it; nothing for None."""

SLOT_MARKS = {"late": "late ", "missing": "-", "missed": "missed", "settled": "settled", "skipped": "no such day"}
RESULTS = {"detected": "[red]positive[/red]", "not_detected": "negative"}


def plan_sections(plan: Known, at: At) -> Iterator[RenderableType]:
    """The table of a plan, what is expected after its last day, and who was asked to look for the patient."""
    span = f"{plan['day_1']} to {plan['last_day']} ({plan['protocol']})"
    yield heading(f"At home, {span}: {_status(plan['status'], at)}")
    yield _days(plan, at)
    yield from _outside(plan, at)
    for call in plan["calls"]:
        yield f"call {call['attempt']} {_asked(call, at)}"
    for visit in plan["home_visits"]:
        yield f"home visit {_asked(visit, at)}"
    if missing := plan["status"]["missing_now"]:
        yield f"missed and not settled: day {_numbers(missing)}"


def _status(status: Known, at: At) -> str:
    why = f" ({words(status['why'])})" if status["why"] else ""
    since = "" if status["state"] == "running" else f" {at(status['since'])}"
    return f"{status['state']}{since}{why}"


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
    tested = [_tested(test) for test in plan["tests"] if test["day"] == number]
    yield from tested or (["test due"] if number in plan["test_days"] else [])
    yield from (_visited(visit, at) for visit in plan["return_visits"] if visit["day"] == number)


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
    about = f"the return visit of {words(call['about'])}" if call["about"] else f"day {_numbers(call['days'])}"
    answered = f" {at(call['called_at'])}" if call["called_at"] else ""
    return f"about {about}, by {at(call['call_by'])}: {words(call['state'])}{answered}"


def _in_year(instant: str, at: At) -> str:
    """Month, day and time: the year stands at the beginning of the row."""
    return at(instant).partition("-")[2]


def _numbers(days: list[int]) -> str:
    return ", ".join(map(str, days))
