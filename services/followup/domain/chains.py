"""Chains of their own beside the days of a plan: the ladder of a return visit or a re-test that was missed (F5, F6)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from services.followup.domain.basis import Basis
from services.followup.domain.calendar import Day
from services.followup.domain.calls import Bounds, RequestedCall, progress_of
from services.followup.domain.days import Loss
from services.followup.domain.deadlines import Deadlines, Settlement
from services.followup.domain.escalation import Escalation


class Subject(NamedTuple):
    """What a chain is about. `name`: under which its deadlines are remembered; `days`, `why`: of its calls."""

    name: str
    visit: str = ""
    days: tuple[int, ...] = ()
    why: str = ""


class Chains:
    """The ladders that what was missed opens, without a loss of their own; calls rest while the patient is lost."""

    def __init__(self, basis: Basis, deadlines: Deadlines, escalation: Escalation) -> None:
        self._basis, self._deadlines, self._escalation = basis, deadlines, escalation

    def search(self, about: Subject, missed: Day, settled: Sequence[Settlement]) -> Iterator[RequestedCall]:
        """The calls of a ladder from the miss on, and of another after each time in which the patient was lost."""
        ended = min(settled, default=None)
        for again, (opened_at, rests_at) in enumerate(_intervals(self._escalation.losses, missed.end)):
            if (ended is not None and ended.received_at <= opened_at) or self._escalation.is_given_up_at(opened_at):
                return
            number = missed.number if opened_at == missed.end else self._basis.number_at(opened_at) - 1
            schedule = self._escalation.schedule(number, opened_at, again, about.name, about.visit)
            schedule = schedule._replace(days=about.days, why=about.why)
            progress = progress_of(schedule, self._escalation.reports, self._deadlines, Bounds(ended, rests_at))
            yield from progress.calls
            if progress.exhausted_at is not None or progress.skipped_at is not None:
                return


def _intervals(losses: Sequence[Loss], begin: datetime) -> Iterator[tuple[datetime, datetime | None]]:
    """From when to when calls may be made: all the time from `begin` on in which the patient is not lost."""
    for loss in losses:
        if loss.until is not None and loss.until <= begin:
            continue
        if begin < loss.since:
            yield begin, loss.since
        if loss.until is None:
            return
        begin = loss.until
    yield begin, None
