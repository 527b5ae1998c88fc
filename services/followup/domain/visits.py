"""Return visits: chains of their own, that outlive a completed plan (F6)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from services.followup import policy
from services.followup.domain.basis import Basis
from services.followup.domain.calendar import Day
from services.followup.domain.calls import Bounds, RequestedCall, progress_of
from services.followup.domain.days import ContactLog
from services.followup.domain.deadlines import Deadlines, Settlement
from services.followup.domain.escalation import Escalation
from services.followup.domain.facts import Facts, Visit

_MISSED = "missed"


class ReturnVisit(Struct, frozen=True, array_like=True):
    """A return visit (F6): the civil day on which it is due, when it was missed, and when the patient came."""

    visit: str
    due_on: date
    missed_at: datetime | None = None
    attended_at: datetime | None = None


def deadline_of(visit: str) -> str:
    """What names, within its plan, the midnight by which a return visit is missed."""
    return f"return {visit}"


class ReturnVisits:
    """The return visits of one plan, and the ladders that missed ones open; calls rest while the patient is lost.

    `last_number`: the last day on which one of them can be made in time.
    """

    def __init__(
        self, basis: Basis, facts: Facts, deadlines: Deadlines, contact_log: ContactLog, escalation: Escalation
    ) -> None:
        self.visits: list[ReturnVisit] = []
        self.calls: list[RequestedCall] = []
        self.last_number = 0
        self._basis, self._facts, self._deadlines = basis, facts, deadlines
        self._contact_log, self._escalation = contact_log, escalation

    def run(self) -> None:
        """Judges each visit: attended, missed, or ahead."""
        terms = policy.plan(self._basis.start.jurisdiction, self._basis.day_0)
        for name, due in terms.return_visits:
            self.last_number = max(self.last_number, due + terms.visit_grace_days)
            self._visit(name, due, self._basis.day(due + terms.visit_grace_days))

    def _visit(self, name: str, due: int, last: Day) -> None:
        attended = [visit for visit in self._facts.visits if visit.visit == name and self._attended(visit)]
        in_time = any(visit.received_at < last.end for visit in attended)
        asked = deadline_of(name)
        missed = False
        if not in_time or self._deadlines.remembered(asked) is not None:
            missed = self._deadlines.found(asked, last.end, _MISSED) == _MISSED
        on = self._basis.day_0 + timedelta(days=due)
        attended_at = attended[0].attended_at if attended else None
        self.visits.append(ReturnVisit(name, on, last.end if missed else None, attended_at))
        if missed:
            self._search(name, last, attended)

    def _attended(self, visit: Visit) -> bool:
        return visit.attended_at is not None and self._basis.holds(visit.attended_at)

    def _search(self, name: str, missed: Day, attended: Sequence[Visit]) -> None:
        """A ladder from the miss on, and another after each time in which the patient was lost meanwhile."""
        settled = self._contact_log.conversations_after(missed.end)
        settled += [Settlement(visit.received_at, visit.attended_at or visit.received_at) for visit in attended]
        ended = min(settled, default=None)
        for again, (opened_at, rests_at) in enumerate(self._intervals(missed.end)):
            if ended is not None and ended.received_at <= opened_at:
                return
            number = missed.number if opened_at == missed.end else self._basis.number_at(opened_at) - 1
            schedule = self._escalation.schedule(number, opened_at, again, name)
            progress = progress_of(schedule, self._escalation.reports, self._deadlines, Bounds(ended, rests_at))
            self.calls += progress.calls
            if progress.exhausted_at is not None or progress.skipped_at is not None:
                return

    def _intervals(self, begin: datetime) -> Iterator[tuple[datetime, datetime | None]]:
        """From when to when calls may be made: all the time from `begin` on in which the patient is not lost."""
        for loss in self._escalation.losses:
            if loss.until is not None and loss.until <= begin:
                continue
            if begin < loss.since:
                yield begin, loss.since
            if loss.until is None:
                return
            begin = loss.until
        yield begin, None
