"""Looking for somebody silent: the ladder that a missed day opens, and its first call (F3)."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID, uuid5

from services.followup import policy
from services.followup.domain.calendar import Day
from services.followup.domain.conclusions import RequestedCall, Standing
from services.followup.domain.days import Missed, Settlement
from services.followup.domain.deadlines import SKIPPED, Deadlines
from services.followup.domain.facts import Call, Facts
from services.followup.domain.ground import Ground

_CALLS = UUID("8b5ff3a6-6a6d-5a0e-9a53-5f0f7a1c62d4")


class Ladder:
    """Steps taken one after another until everything it covers is settled.

    `opened`: the day whose end opened it. It covers every day then unsettled, and those missed while it is open.
    `days`: the numbers of those it covered when it opened. `rested`: it was left when the plan was cancelled.
    """

    __slots__ = ("covers", "days", "opened", "rested")

    def __init__(self, opened: Day, covers: list[Missed], rested: bool) -> None:
        self.opened = opened
        self.covers = covers
        self.days = tuple(missed.day.number for missed in covers)
        self.rested = rested

    def open_at(self, at: datetime) -> bool:
        """Whether something it covers was unsettled by what had come by then."""
        return not self.rested and any(missed.open_at(at) for missed in self.covers)

    def ended(self) -> Settlement | None:
        """The last settlement of what it covers; None while something is unsettled."""
        settled = [missed.settled for missed in self.covers if missed.settled]
        if len(settled) < len(self.covers):
            return None
        return max(settled, default=Settlement(self.opened.end, self.opened.end))  # a correction left it nothing


def call_deadline(opened: int, attempt: int) -> str:
    """The name under which the end of a call's time is remembered."""
    return f"call {opened}.{attempt}"


def first_calls(
    ground: Ground, facts: Facts, deadlines: Deadlines, ladders: Sequence[Ladder], standing: Standing
) -> tuple[RequestedCall, ...]:
    """Call 1 of each ladder, open or ended."""
    reports = {call.call_id: call for call in facts.calls} if ladders else {}
    asked = (_first_call(ground, facts.case_id, ladder) for ladder in ladders)
    return tuple(
        _with_outcome(call, reports.get(call.call_id), ladder.ended(), deadlines, standing)
        for call, ladder in zip(asked, ladders, strict=True)
    )


def _first_call(ground: Ground, case_id: str, ladder: Ladder) -> RequestedCall:
    """By the end of the opening day, the civil day that the opening midnight begins."""
    opened, terms = ladder.opened, policy.ladder(ground.start.jurisdiction, ground.day_0)
    until = ground.day(opened.number + terms.first_call_days)
    while until.end <= opened.end:
        until = ground.day(until.number + 1)
    call_id = _call_id(case_id, ground.key, opened.number, 1)
    return RequestedCall(call_id, opened.number, opened.end, 1, until.end, ladder.days)


@lru_cache(maxsize=4096)
def _call_id(case_id: str, plan: str, opened: int, attempt: int) -> str:
    """Derived from what names the call, so that the same call has the same id however it came about."""
    return str(uuid5(_CALLS, f"{case_id}\n{plan}\n{opened}\n{attempt}"))


def _with_outcome(
    call: RequestedCall, report: Call | None, ended: Settlement | None, deadlines: Deadlines, standing: Standing
) -> RequestedCall:
    """How a call ended: as reported, late or not; lapsed when nothing came in time; withdrawn when no longer needed."""
    timely = [came.came for came in (report, ended) if came is not None and came.came < call.call_by]
    verdict = None if timely else deadlines.found(call_deadline(call.opened, call.attempt), call.call_by, "lapsed")
    if report is not None:
        return _ended(call, report.outcome, report.called_at, report.called_at)
    if verdict == "lapsed":
        return _ended(call, "lapsed", call.call_by)
    if ended is not None:
        return _ended(call, "withdrawn", ended.at)
    if verdict == SKIPPED and standing.state != "cancelled":
        return _ended(call, "withdrawn", call.call_by)
    if standing.state == "cancelled":
        return _ended(call, "withdrawn", max(call.opened_at, standing.since))
    return call


def _ended(call: RequestedCall, outcome: str, at: datetime, called_at: datetime | None = None) -> RequestedCall:
    return RequestedCall(
        call.call_id, call.opened, call.opened_at, call.attempt, call.call_by, call.days, outcome, called_at, at
    )
