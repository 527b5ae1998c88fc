"""The steps of a ladder, one after another: calls, and then a home visit (F3)."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from msgspec.structs import replace

from services.followup import policy
from services.followup.domain.basis import Ground
from services.followup.domain.conclusions import RequestedCall
from services.followup.domain.days import Settlement
from services.followup.domain.deadlines import SKIPPED, Deadlines
from services.followup.domain.facts import Call

_CALLS: Final = UUID("8b5ff3a6-6a6d-5a0e-9a53-5f0f7a1c62d4")
_NO_USE_CALLING: Final = frozenset({"refused", "wrong_number"})


class Frame(NamedTuple):
    """What the steps of one ladder have in common.

    `opened`: the number of the day before the civil day in which it opens. `until`: by when each step must be reported.
    `visit`: the return visit it is about. `name`: under which its deadlines are remembered.
    """

    plan: str
    case_id: str
    opened: int
    opened_at: datetime
    until: tuple[datetime, ...]
    visit: str
    name: str

    @classmethod
    def of(cls, ground: Ground, case_id: str, opened: int, opened_at: datetime, again: int, visit: str = "") -> "Frame":
        """The frame of a ladder of a plan; `again`: how many there were before, if it follows one of them."""
        until = _steps_until(ground, opened, opened_at)
        return cls(ground.key, case_id, opened, opened_at, until, visit, ladder_name(opened, again, visit))

    def step(self, number: int, at: datetime) -> RequestedCall:
        """A step as it is asked for at an instant; the last is the home visit."""
        call_id = _call_id(self.case_id, self.plan, self.name, number + 1)
        home = number == len(self.until) - 1
        return RequestedCall(call_id, self.opened, at, number + 1, self.until[number], (), home=home, visit=self.visit)


class Limits(NamedTuple):
    """What ends a ladder from outside: all it covers is settled, and the instant from which its calls rest."""

    ended: Settlement | None
    rests_at: datetime | None


class Climb(NamedTuple):
    """How far a ladder was climbed.

    `exhausted_at`: when its last step ended in vain. `skipped_at`: when the time of a step passed while the plan was
    cancelled; nothing more is asked then.
    """

    calls: tuple[RequestedCall, ...]
    exhausted_at: datetime | None = None
    skipped_at: datetime | None = None


class _Step(NamedTuple):
    """A step with what came of it; `vain_at`: when the next one is asked for."""

    call: RequestedCall
    vain_at: datetime | None = None
    skipped_at: datetime | None = None


def ladder_name(opened: int, again: int, visit: str = "") -> str:
    """What names a ladder in its plan: when it opened, and its place among them if it follows one of them."""
    return f"{visit} {opened}{f'+{again}' if again else ''}".lstrip()


def _steps_until(ground: Ground, opened: int, opened_at: datetime) -> tuple[datetime, ...]:
    """By when the steps of a ladder must be reported: call 1 by the end of the opening day, the others after that."""
    terms = policy.ladder(ground.start.jurisdiction, ground.day_0)
    day = ground.day(opened + terms.first_call_days)
    while day.end <= opened_at:
        day = ground.day(day.number + 1)
    return (day.end, *(day.end + timedelta(hours=hours) for hours in (*terms.later_calls_hours, terms.visit_hours)))


def climb(frame: Frame, reports: Mapping[str, Call], deadlines: Deadlines, limits: Limits) -> Climb:
    """Each step in turn: at once when the one before failed or lapsed; a refusal goes to the visit at once."""
    calls: list[RequestedCall] = []
    refusals: list[datetime] = []
    number, at, last = 0, frame.opened_at, len(frame.until) - 1
    while True:
        asked = frame.step(number, at)
        report = reports.get(asked.call_id)
        refused = min((refusal for refusal in refusals if refusal >= at), default=None) if number < last else None
        step = _taken(frame, asked, report, deadlines, limits, refused)
        calls.append(step.call)
        if step.vain_at is None or _over(step.vain_at, deadlines, limits):
            return Climb(tuple(calls), skipped_at=step.skipped_at)
        if number == last:
            return Climb(tuple(calls), exhausted_at=step.vain_at)
        if report is not None and report.outcome in _NO_USE_CALLING:
            refusals.append(report.came)
        at = step.vain_at
        number = last if any(refusal <= at for refusal in refusals) else number + 1


def _over(at: datetime, deadlines: Deadlines, limits: Limits) -> bool:
    """Whether at an instant nothing more is asked: all is settled, calls rest, or the plan is cancelled."""
    ends = (limits.ended and limits.ended.came, limits.rests_at, deadlines.cancelled_at)
    return any(end is not None and end <= at for end in ends)


def _taken(
    frame: Frame,
    asked: RequestedCall,
    report: Call | None,
    deadlines: Deadlines,
    limits: Limits,
    refused: datetime | None,
) -> _Step:
    """How a step ended: as reported, late or not; lapsed when nothing came in time; withdrawn when no longer needed."""
    cuts = [at for at in (limits.ended and limits.ended.came, limits.rests_at, refused) if at and at < asked.call_by]
    if report is not None and report.came < asked.call_by:
        return _Step(
            _ended(asked, report.outcome, report.called_at, report.called_at), max(asked.opened_at, report.came)
        )
    verdict = None if cuts else deadlines.found(_deadline(frame, asked), asked.call_by, "lapsed")
    vain_at = asked.call_by if verdict == "lapsed" else refused if refused in cuts else None
    skipped_at = asked.call_by if verdict == SKIPPED and deadlines.stood_at(asked.call_by) else None
    if report is not None:
        call = _ended(asked, report.outcome, report.called_at, report.called_at)
    elif verdict == "lapsed":
        call = _ended(asked, "lapsed", asked.call_by)
    else:
        gone = next(_withdrawals(asked, deadlines, limits, refused, skipped_at), None)
        call = asked if gone is None else _ended(asked, "withdrawn", max(asked.opened_at, gone))
    return _Step(call, vain_at, skipped_at)


def _withdrawals(
    asked: RequestedCall,
    deadlines: Deadlines,
    limits: Limits,
    refused: datetime | None,
    skipped_at: datetime | None,
) -> Iterator[datetime]:
    """When a step that was neither reported nor lapsed was no longer needed; the first that holds."""
    resting = (at for at in (refused, limits.rests_at) if at is not None and at < asked.call_by)
    if limits.ended is not None:
        yield limits.ended.at
    yield from sorted(resting)
    yield from (at for at in (skipped_at, deadlines.cancelled_at) if at is not None)


def _ended(call: RequestedCall, outcome: str, at: datetime, called_at: datetime | None = None) -> RequestedCall:
    return replace(call, outcome=outcome, called_at=called_at, ended_at=at)


def _deadline(frame: Frame, call: RequestedCall) -> str:
    """The name under which the end of a step's time is remembered."""
    return f"visit {frame.name}" if call.home else f"call {frame.name}.{call.attempt}"


@lru_cache(maxsize=4096)
def _call_id(case_id: str, plan: str, ladder: str, attempt: int) -> str:
    """Derived from what names the call, so that the same call has the same id however it came about."""
    return str(uuid5(_CALLS, f"{case_id}\n{plan}\n{ladder}\n{attempt}"))
