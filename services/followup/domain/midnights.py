"""The midnights of a plan, one after another: days end, ladders open, days are added, the plan ends (F3, F5, F7)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from services.followup import policy
from services.followup.domain.alerts import Watch
from services.followup.domain.basis import Basis
from services.followup.domain.calendar import Day, days
from services.followup.domain.days import ContactLog, Missed
from services.followup.domain.deadlines import SKIPPED, Deadlines
from services.followup.domain.due_tests import DueTests
from services.followup.domain.escalation import Escalation
from services.followup.domain.facts import Retest
from services.followup.domain.retests import changes_of, isolated
from services.followup.domain.rounds import Alert
from services.followup.domain.status import Status, counts_of

_JOINED: Final = "joined"
"""Found at the end of a missed day: a ladder was open."""
_OPENED: Final = "opened"
"""Found at the end of a missed day, or of the plan: no ladder was open, so one opens."""
_UNASKED: Final = "unasked"
"""Found at the end of a missed day: the patient had refused so often that nobody is asked again."""
_UNKNOWN: Final = "unknown"
"""Found of a day without a log when the discharge came to be known: it had ended before."""
_IN_HOSPITAL: Final = "in_hospital"
_HELD: Final = "held"
_COMPLETE: Final = "complete"
_ADDED: Final = "added"
_TEST: Final = "test:"
_A_MOMENT: Final = timedelta(microseconds=1)


class Midnights:
    """What the midnights of a plan have found so far. Built once a judgement by `run`, then only read."""

    def __init__(
        self,
        basis: Basis,
        deadlines: Deadlines,
        contact_log: ContactLog,
        escalation: Escalation,
        watch: Watch,
        retests: tuple[Retest, ...],
        due_tests: DueTests,
    ) -> None:
        self.missed: list[Missed] = []
        self.added: list[Day] = []
        self.added_at: datetime | None = None
        self.status = Status("running", basis.start.discharged_at)
        self._basis, self._deadlines, self._contact_log = basis, deadlines, contact_log
        self._escalation, self._watch, self._retests = escalation, watch, retests
        self._due_tests = due_tests
        self._asked = list(days(basis.day_0, basis.zones, basis.days))
        self._dates = {day.date for day in self._asked}

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts raised, by the days asked for and the ladders exhausted so far (F4)."""
        return self._watch.alerts(frozenset(self._dates), self._escalation.refusal)

    @property
    def last(self) -> Day:
        """The last day; of a plan of no days, the day of discharge."""
        return self._asked[-1] if self._asked else self._basis.day(0)

    def run(self) -> None:
        """Goes through the midnights of the plan, up to the first that lies ahead."""
        for midnight in self._deadlines.numbers("add"):
            self._add(self._basis.day(midnight))
        ends = self._deadlines.numbers("end")
        for day in self._asked:
            if day.end > self._basis.known_at:
                self._call_about_the_unknown()
            while ends and ends[0] < day.number:
                self._verdict_at(self._basis.day(ends.pop(0)))
            if not self._close(day):
                break
        else:
            self._call_about_the_unknown()
            self._end()
        if self.status.state == "completed":
            self._escalation.rest_from(self.status.since)
        self._pick_up()
        self._escalation.reopen(None, self.unsettled_at)

    def _close(self, day: Day) -> bool:
        """Judges the end of a day (F3); False while it lies ahead."""
        is_late = day.end <= self._basis.known_at
        by = self._basis.known_at if is_late else day.end
        if self._contact_log.has_in_time(day, by):
            return True
        self._escalation.reopen(by, self.unsettled_at)
        verdict = self._deadlines.found(f"day {day.number}", by, self._finding(day, is_late=is_late), asks=not is_late)
        if verdict == _UNKNOWN:
            self.missed.append(self._contact_log.missed(day, unknown=True))
        elif verdict in {_JOINED, _OPENED, _UNASKED}:
            self._miss(day, verdict)
        return verdict is not None

    def _finding(self, day: Day, *, is_late: bool) -> str:
        """What is found of a day without a log."""
        if self._contact_log.was_in_hospital(day):
            return _IN_HOSPITAL
        if is_late:
            return _UNKNOWN
        return self._asked_at(day.end, _JOINED)

    def _asked_at(self, at: datetime, joined: str) -> str:
        """Who is asked about what is missed at an instant: a ladder that is open, another, or nobody any more."""
        if self._escalation.open_at(at):
            return joined
        return _UNASKED if self._escalation.is_given_up_at(at) else _OPENED

    def _miss(self, day: Day, verdict: str) -> None:
        self.missed.append(self._contact_log.missed(day))
        if verdict != _UNASKED and not (verdict == _JOINED and self._escalation.join(self.missed[-1])):
            self._open(day)

    def _open(self, day: Day) -> None:
        """A ladder opens at the end of a day; it covers every day unsettled by then."""
        self._escalation.open(day.number, day.end, self.unsettled_at(day.end))

    def _call_about_the_unknown(self) -> None:
        """A ladder opens when the discharge came to be known, about the days that had ended before (F3)."""
        if not self.missed:
            return
        unknown = [missed for missed in self.missed if missed.unknown]
        opened_at = self._deadlines.free_from(self._basis.known_at) if unknown else None
        if opened_at is not None and self._escalation.is_idle:
            covers = [missed for missed in unknown if missed.open_at(opened_at)]
            if covers:
                self._escalation.open(self._basis.number_at(opened_at) - 1, opened_at, covers, _UNKNOWN)

    def _end(self) -> None:
        """Judges the plan's end, and each midnight at which a day is or may be added (F5, F7)."""
        while True:
            midnight = self._ending(self.last)
            if midnight is None:
                return
            if self._isolated_at(midnight.end):
                if not self._added_at(midnight):
                    return
                continue
            self._judge_end(midnight)
            if self.status.state == "running" or not self._reopened():
                return

    def _reopened(self) -> bool:
        """Whether a midnight adds a day to a plan that is over: a positive in aftercare, or that it is one, was learnt
        after the end, or a loss ended (F5)."""
        news = [*changes_of(self._retests), *(loss.until for loss in self._escalation.losses if loss.until is not None)]
        for at in sorted(free for one in news if (free := self._deadlines.free_from(one)) is not None):
            midnight = self._basis.midnight_from(at + _A_MOMENT)
            if midnight.end > self.last.end and self._isolated_at(midnight.end):
                return self._added_at(midnight)
        return False

    def _isolated_at(self, midnight: datetime) -> bool:
        """Nothing is added while the patient is lost, or is asked no more."""
        waits = bool(self._retests) and isolated(self._basis, self._retests, midnight)
        return (
            waits
            and not self._escalation.is_given_up_at(midnight)
            and not any(
                loss.since <= midnight and (loss.until is None or loss.until >= midnight)
                for loss in self._escalation.losses
            )
        )

    def _added_at(self, midnight: Day) -> bool:
        """Adds days at a midnight; False while it, or the end of what it adds, lies ahead."""
        if self._deadlines.found(f"add {midnight.number}", midnight.end, _ADDED) != _ADDED:
            return False
        self.status = Status("running", self._basis.start.discharged_at)
        return all(map(self._close, self._add(midnight)))

    def _add(self, midnight: Day) -> list[Day]:
        """The days that a midnight adds: as many as policy says, from the day it begins (F5)."""
        count = policy.retest(self._basis.start.jurisdiction, self._basis.day_0).days_added
        new = [self._basis.day(midnight.number + ahead) for ahead in range(1, count + 1)]
        self.added += new
        self._asked += new
        self._dates.update(day.date for day in new)
        self.added_at = midnight.end
        return new

    def _ending(self, last: Day) -> Day | None:
        """The midnight at which the plan ends: that of its last day, or the first after its revival or resumption, if
        it was cancelled or paused then; None while the patient lies in hospital."""
        deadlines = self._deadlines
        if deadlines.cancelled_at is not None:
            return last
        judged = (number for number in deadlines.numbers("end") if deadlines.remembered(f"end {number}") != SKIPPED)
        known = next((number for number in judged if number >= last.number), None)
        free = deadlines.free_from(last.end)
        if known is not None:
            return self._basis.day(known)
        return None if free is None else self._basis.midnight_from(free)

    def _judge_end(self, midnight: Day) -> None:
        """F7: held for what was missing at its end, completed at the first midnight at which all of that is settled."""
        verdict = self._verdict_at(midnight)
        if verdict is None or verdict == SKIPPED:
            return
        how, *missing = verdict.split()
        alerts = tuple(f"{alert.why}@{alert.day}" for alert in self.alerts if alert.open_at(midnight.end))
        completes = how == _COMPLETE and not alerts
        completed_at = midnight.end if completes else self._complete_after(midnight)
        if completed_at is not None and self._deadlines.passed(completed_at):
            counts = counts_of(self._asked, self.missed, self._contact_log)
            self.status = Status("completed", completed_at, counts=counts)
            return
        tests = tuple(int(one.removeprefix(_TEST)) for one in missing if one.startswith(_TEST))
        of_days = tuple(int(one) for one in missing if not one.startswith(_TEST))
        self.status = Status("held", midnight.end, missing=of_days, alerts=alerts, tests=tests)

    def _verdict_at(self, midnight: Day) -> str | None:
        """What is found at a midnight at which the plan may end: all is there, or the days and re-tests that hold it.

        Held with no ladder open, it opens one. Alerts are no finding: a correction may take them back.
        """
        self._escalation.reopen(midnight.end, self.unsettled_at)
        unsettled = self.unsettled_at(midnight.end)
        tests = [f"{_TEST}{day}" for day in self._due_tests.missing_at(midnight.end)]
        how = _HELD if tests else _COMPLETE
        if unsettled:
            how = _OPENED if self._asked_at(midnight.end, _HELD) == _OPENED else _HELD
        finding = " ".join([how, *(str(missed.day.number) for missed in unsettled), *tests])
        verdict = self._deadlines.found(f"end {midnight.number}", midnight.end, finding)
        if verdict is not None and verdict.startswith(_OPENED):
            self._open(midnight)
        return verdict

    def _pick_up(self) -> None:
        """F7: a held plan of which the ladder was left meanwhile opens another when it has revived or resumed.

        At the first midnight after that, since no day is missed any more that would.
        """
        deadlines, basis = self._deadlines, self._basis
        for number in deadlines.numbers("pick up"):
            self._pick_up_at(basis.day(number))
        self._escalation.reopen(None, self.unsettled_at)
        left_at = self._escalation.left_at
        if self.status.state == "held" and left_at is not None and deadlines.cancelled_at is None:
            free = deadlines.free_from(max(left_at, self.status.since))
            if free is not None:
                self._pick_up_at(basis.midnight_from(free + _A_MOMENT))

    def _pick_up_at(self, midnight: Day) -> None:
        """Opens a ladder at a midnight, unless that lies ahead or nothing is unsettled by then."""
        self._escalation.reopen(midnight.end, self.unsettled_at)
        unsettled = self.unsettled_at(midnight.end)
        finding = self._asked_at(midnight.end, _JOINED) if unsettled else _COMPLETE
        if self._deadlines.found(f"pick up {midnight.number}", midnight.end, finding) == _OPENED:
            self._escalation.open(midnight.number, midnight.end, unsettled)

    def _complete_after(self, held: Day) -> datetime | None:
        """The first midnight after one at which nothing is missing; None while that cannot be told."""
        blocks: list[datetime | None] = [held.end]
        while blocks:
            ends = [end for end in blocks if end is not None]
            if len(ends) < len(blocks):
                return None
            free = self._deadlines.free_from(max(ends) + _A_MOMENT)
            if free is None:
                return None
            midnight = self._basis.midnight_from(free).end
            blocks = list(self._blocks_at(midnight))
        return midnight

    def _blocks_at(self, midnight: datetime) -> Iterator[datetime | None]:
        """When each thing ends that is missing at a midnight; None for what has not ended."""
        handed_over = self._handed_over_at()
        for missed in self.unsettled_at(midnight):
            ends = [at for at in (missed.settled and missed.settled.received_at, handed_over) if at is not None]
            yield min(ends, default=None)
        for alert in self.alerts:
            if alert.open_at(midnight):
                yield alert.closed
        yield from self._due_tests.ends_at(midnight)

    def unsettled_at(self, at: datetime) -> list[Missed]:
        """The days missed or unknown, and not settled by what had come by an instant."""
        handed_over = self._handed_over_at()
        if handed_over is not None and handed_over < at:
            return []
        return [missed for missed in self.missed if missed.open_at(at)]

    def _handed_over_at(self) -> datetime | None:
        """When the district took over the case of a patient who refuses: then no day is asked about any more (F3)."""
        if self._escalation.refusal is None:
            return None
        return next((alert.closed for alert in self.alerts if alert.why == "refuses"), None)
