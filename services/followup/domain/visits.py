"""Return visits: chains of their own, that outlive a completed plan (F6)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from services.followup import policy
from services.followup.domain.basis import Basis
from services.followup.domain.calendar import Day
from services.followup.domain.calls import RequestedCall
from services.followup.domain.chains import Chains, Subject
from services.followup.domain.days import ContactLog
from services.followup.domain.deadlines import Deadlines, Settlement
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
    """The return visits of one plan, and the calls that missed ones ask for."""

    def __init__(
        self, basis: Basis, facts: Facts, deadlines: Deadlines, contact_log: ContactLog, chains: Chains
    ) -> None:
        self.visits: list[ReturnVisit] = []
        self.calls: list[RequestedCall] = []
        self._basis, self._facts, self._deadlines = basis, facts, deadlines
        self._contact_log, self._chains = contact_log, chains

    def run(self) -> None:
        """Judges each visit: attended, missed, or ahead."""
        grace = policy.plan(self._basis.start.jurisdiction, self._basis.day_0).visit_grace_days
        for name, due in self._basis.asked.return_visits:
            self._visit(name, due, self._basis.asked_by(due, grace))

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
            self.calls += self._chains.search(Subject(name, name), last, self._answers(last, attended))

    def _attended(self, visit: Visit) -> bool:
        return visit.attended_at is not None and self._basis.holds(visit.attended_at)

    def _answers(self, missed: Day, attended: Sequence[Visit]) -> list[Settlement]:
        """What ends the search: a conversation after the miss, or the visit after all."""
        visits = [Settlement(visit.received_at, visit.attended_at or visit.received_at) for visit in attended]
        return [*self._contact_log.conversations_after(missed.end), *visits]
