"""Return visits: chains of their own, that outlive a completed plan (F6)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from schemas.calendar import local_date
from services.followup import policy
from services.followup.domain.basis import Ground
from services.followup.domain.calendar import Day
from services.followup.domain.calls import Frame, Limits, climb
from services.followup.domain.conclusions import RequestedCall, ReturnVisit
from services.followup.domain.days import Diary, Settlement
from services.followup.domain.deadlines import Deadlines
from services.followup.domain.escalation import Ladders
from services.followup.domain.facts import Facts, Visit

_MISSED = "missed"


class ReturnVisits:
    """The return visits of one plan, and the ladders that missed ones open; calls rest while the patient is lost.

    `last_number`: the last day on which one of them can be made in time.
    """

    def __init__(self, ground: Ground, facts: Facts, deadlines: Deadlines, diary: Diary, ladders: Ladders) -> None:
        self.visits: list[ReturnVisit] = []
        self.calls: list[RequestedCall] = []
        self.last_number = 0
        self._ground, self._facts, self._deadlines, self._diary = ground, facts, deadlines, diary
        self._ladders = ladders

    def run(self) -> None:
        """Judges each visit: attended, missed, or ahead."""
        terms = policy.plan(self._ground.start.jurisdiction, self._ground.day_0)
        for name, due in terms.return_visits:
            self.last_number = max(self.last_number, due + terms.visit_grace_days)
            self._visit(name, due, self._ground.day(due + terms.visit_grace_days))

    def _visit(self, name: str, due: int, last: Day) -> None:
        came = [visit for visit in self._facts.visits if visit.visit == name and self._attended(visit)]
        in_time = any(visit.came < last.end for visit in came)
        asked = f"return {name}"
        missed = False
        if not in_time or self._deadlines.remembered(asked) is not None:
            missed = self._deadlines.found(asked, last.end, _MISSED) == _MISSED
        on = self._ground.day_0 + timedelta(days=due)
        attended_at = came[0].attended_at if came else None
        self.visits.append(ReturnVisit(name, on, last.end if missed else None, attended_at))
        if missed:
            self._search(name, last, came)

    def _attended(self, visit: Visit) -> bool:
        return visit.attended_at is not None and self._ground.holds(visit.attended_at)

    def _search(self, name: str, missed: Day, came: Sequence[Visit]) -> None:
        """A ladder from the miss on, and another after each time in which the patient was lost meanwhile."""
        settled = self._diary.talks_after(missed.end)
        settled += [Settlement(visit.came, visit.attended_at or visit.came) for visit in came]
        ended = min(settled, default=None)
        for again, (opened_at, rests_at) in enumerate(self._stretches(missed.end)):
            if ended is not None and ended.came <= opened_at:
                return
            number = missed.number if opened_at == missed.end else self._day_before(opened_at)
            frame = Frame.of(self._ground, self._facts.case_id, number, opened_at, again, name)
            climbed = climb(frame, self._ladders.reports, self._deadlines, Limits(ended, rests_at))
            self.calls += climbed.calls
            if climbed.exhausted_at is not None or climbed.skipped_at is not None:
                return

    def _stretches(self, begin: datetime) -> Iterator[tuple[datetime, datetime | None]]:
        """From when to when somebody may call: all the time from `begin` on in which the patient is not lost."""
        for loss in self._ladders.losses:
            if loss.until is not None and loss.until <= begin:
                continue
            if begin < loss.since:
                yield begin, loss.since
            if loss.until is None:
                return
            begin = loss.until
        yield begin, None

    def _day_before(self, at: datetime) -> int:
        return (local_date(at, self._ground.zone) - self._ground.day_0).days - 1
