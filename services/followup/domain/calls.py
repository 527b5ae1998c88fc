"""The calls of a ladder, one after another, and then its home visit: how far it gets (F3)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from msgspec import Struct
from msgspec.structs import replace

from services.followup.domain.deadlines import SKIPPED, Deadlines, Settlement
from services.followup.domain.facts import Call

_CALLS: Final = UUID("8b5ff3a6-6a6d-5a0e-9a53-5f0f7a1c62d4")
_NO_USE_CALLING: Final = frozenset({"refused", "wrong_number"})


class RequestedCall(Struct, frozen=True, array_like=True):
    """A call of a ladder, or (`home`) its home visit (F3).

    `opened`: the number of the day before the one in which the ladder opened. `opened_at`: when this was asked for.
    `days`: what the ladder covered then. `outcome` is empty while the call is open; `ended_at`: when it ended.
    `visit`: the return visit that was missed, where the ladder is about one (F6). `why`: `day_unknown` or
    `retest_missed`; empty where it is about missed days or a return visit.
    """

    call_id: str
    opened: int
    opened_at: datetime
    attempt: int
    call_by: datetime
    days: tuple[int, ...]
    outcome: str = ""
    called_at: datetime | None = None
    ended_at: datetime | None = None
    home: bool = False
    visit: str = ""
    why: str = ""


class Schedule(NamedTuple):
    """What the steps of one ladder have in common.

    `plan`: its key. `opened`: the number of the day before the civil day in which it opens. `until`: by when each step
    must be reported. `visit`: the return visit it is about. `name`: under which its deadlines are remembered. `days`,
    `why`: of its calls, where they are about a re-test.
    """

    plan: str
    case_id: str
    opened: int
    opened_at: datetime
    until: tuple[datetime, ...]
    visit: str
    name: str
    days: tuple[int, ...] = ()
    why: str = ""

    def step(self, number: int, at: datetime) -> RequestedCall:
        """A step as it is asked for at an instant; the last is the home visit."""
        call_id = _call_id(self.case_id, self.plan, self.name, number + 1)
        home = number == len(self.until) - 1
        call = RequestedCall(call_id, self.opened, at, number + 1, self.until[number], self.days)
        return replace(call, home=home, visit=self.visit, why=self.why)


class Bounds(NamedTuple):
    """What ends a ladder from outside: all it covers is settled, and the instant from which its calls rest."""

    ended: Settlement | None
    rests_at: datetime | None


class Progress(NamedTuple):
    """How far a ladder got.

    `exhausted_at`: when its last step failed. `skipped_at`: when the time of a step passed while the plan was
    cancelled or paused; nothing more is asked then. `refusals`: the ids of the calls that were refused.
    """

    calls: tuple[RequestedCall, ...]
    exhausted_at: datetime | None = None
    skipped_at: datetime | None = None
    refusals: tuple[str, ...] = ()


class _Step(NamedTuple):
    """A step with what came of it; `failed_at`: when the next one is asked for."""

    call: RequestedCall
    failed_at: datetime | None = None
    skipped_at: datetime | None = None


def progress_of(schedule: Schedule, reports: Mapping[str, Call], deadlines: Deadlines, bounds: Bounds) -> Progress:
    """Each step in turn: at once when the one before failed or lapsed; a refusal goes to the visit at once."""
    calls: list[RequestedCall] = []
    refusals: list[datetime] = []
    refused_ids: list[str] = []
    number, at, last = 0, schedule.opened_at, len(schedule.until) - 1
    while True:
        asked = schedule.step(number, at)
        report = reports.get(asked.call_id)
        refused = min((refusal for refusal in refusals if refusal >= at), default=None) if number < last else None
        step = _taken(schedule, asked, report, deadlines, bounds, refused)
        calls.append(step.call)
        if report is not None and report.first_outcome == "refused":
            refused_ids.append(asked.call_id)
        if step.failed_at is None or _is_informed(schedule, asked, report) or _over(step.failed_at, deadlines, bounds):
            return Progress(tuple(calls), skipped_at=step.skipped_at)
        if number == last:
            return Progress(tuple(calls), exhausted_at=step.failed_at, refusals=tuple(refused_ids))
        if report is not None and report.first_outcome in _NO_USE_CALLING:
            refusals.append(report.received_at)
        at = step.failed_at
        number = last if any(refusal <= at for refusal in refusals) else number + 1


def _is_informed(schedule: Schedule, asked: RequestedCall, report: Call | None) -> bool:
    """Whether a step reached the patient in time, who knows now of the re-test: asking again is of no use (F5)."""
    if report is None or schedule.why != "retest_missed":
        return False
    return report.first_outcome == "reached" and report.received_at < asked.call_by


def _over(at: datetime, deadlines: Deadlines, bounds: Bounds) -> bool:
    """Whether at an instant nothing more is asked: all is settled, calls rest, or the plan is cancelled."""
    ends = (bounds.ended and bounds.ended.received_at, bounds.rests_at, deadlines.closed_at)
    return any(end is not None and end <= at for end in ends)


def _taken(
    schedule: Schedule,
    asked: RequestedCall,
    report: Call | None,
    deadlines: Deadlines,
    bounds: Bounds,
    refused: datetime | None,
) -> _Step:
    """How a step ended: as reported, late or not; lapsed when nothing came in time; withdrawn when no longer needed."""
    cuts = [
        at for at in (bounds.ended and bounds.ended.received_at, bounds.rests_at, refused) if at and at < asked.call_by
    ]
    if report is not None and report.received_at < asked.call_by:
        return _Step(
            _ended(asked, report.outcome, report.called_at, report.called_at), max(asked.opened_at, report.received_at)
        )
    verdict = None if cuts else deadlines.found(_deadline(schedule, asked), asked.call_by, "lapsed")
    failed_at = asked.call_by if verdict == "lapsed" else refused if refused in cuts else None
    skipped_at = asked.call_by if verdict == SKIPPED and deadlines.stood_at(asked.call_by) else None
    if report is not None:
        call = _ended(asked, report.outcome, report.called_at, report.called_at)
    elif verdict == "lapsed":
        call = _ended(asked, "lapsed", asked.call_by)
    else:
        gone = next(_withdrawals(asked, deadlines, bounds, refused, skipped_at), None)
        call = asked if gone is None else _ended(asked, "withdrawn", max(asked.opened_at, gone))
    return _Step(call, failed_at, skipped_at)


def _withdrawals(
    asked: RequestedCall,
    deadlines: Deadlines,
    bounds: Bounds,
    refused: datetime | None,
    skipped_at: datetime | None,
) -> Iterator[datetime]:
    """When a step that was neither reported nor lapsed was no longer needed; the first that holds."""
    resting = (at for at in (refused, bounds.rests_at) if at is not None and at < asked.call_by)
    if bounds.ended is not None:
        yield bounds.ended.at
    yield from sorted(resting)
    if skipped_at is not None:
        yield deadlines.paused_since(skipped_at)
    yield from (at for at in (deadlines.in_hospital_since, deadlines.cancelled_at) if at is not None)


def _ended(call: RequestedCall, outcome: str, at: datetime, called_at: datetime | None = None) -> RequestedCall:
    return replace(call, outcome=outcome, called_at=called_at, ended_at=at)


def _deadline(schedule: Schedule, call: RequestedCall) -> str:
    """The name under which the end of a step's time is remembered."""
    return f"visit {schedule.name}" if call.home else f"call {schedule.name}.{call.attempt}"


@lru_cache(maxsize=4096)
def _call_id(case_id: str, plan: str, ladder: str, attempt: int) -> str:
    """Derived from what names the call, so that the same call has the same id however it came about."""
    return str(uuid5(_CALLS, f"{case_id}\n{plan}\n{ladder}\n{attempt}"))
