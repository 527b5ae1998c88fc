"""The midnights of a plan, one after another: days end, ladders open, days are added, the plan ends (F3, F5, F7)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from services.followup import policy
from services.followup.domain.alerts import Alert, Watch
from services.followup.domain.basis import Basis
from services.followup.domain.calendar import Day, days
from services.followup.domain.days import ContactLog, Missed
from services.followup.domain.deadlines import SKIPPED, Deadlines
from services.followup.domain.escalation import Escalation
from services.followup.domain.facts import Retest
from services.followup.domain.retests import isolated

_JOINED: Final = "joined"
"""Found at the end of a missed day: a ladder was open."""
_OPENED: Final = "opened"
"""Found at the end of a missed day, or of the plan: no ladder was open, so one opens."""
_HELD: Final = "held"
_COMPLETE: Final = "complete"
_ADDED: Final = "added"
_A_MOMENT: Final = timedelta(microseconds=1)


class Counts(Struct, frozen=True, array_like=True):
    """The days of a plan (F7). Those without a log that a conversation settled are the ones reached by phone."""

    logged: int = 0
    missed: int = 0
    reached_by_phone: int = 0


class Status(Struct, frozen=True, array_like=True):
    """Where a plan stands (F8): `running`, `lost`, `held`, `completed` or `cancelled`, since when.

    `why`: what cancelled it, or `contact` when a plan that was lost runs again. `missing`, `alerts`: the days and the
    open alerts that held it at its end. `counts`: of a completed plan. `resumed`: the contact after it was last lost.
    """

    state: str
    since: datetime
    why: str = ""
    missing: tuple[int, ...] = ()
    counts: Counts | None = None
    alerts: tuple[str, ...] = ()
    resumed: datetime | None = None


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
    ) -> None:
        self.missed: list[Missed] = []
        self.added: list[Day] = []
        self.added_at: datetime | None = None
        self.status = Status("running", basis.start.discharged_at)
        self._basis, self._deadlines, self._contact_log = basis, deadlines, contact_log
        self._escalation, self._watch, self._retests = escalation, watch, retests
        self._asked = list(days(basis.day_0, basis.zone, basis.days))
        self._dates = {day.date for day in self._asked}
        self._alerts: tuple[Alert, ...] | None = None

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts raised, by the days asked for so far (F4)."""
        if self._alerts is None:
            self._alerts = self._watch.alerts(self._dates)
        return self._alerts

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
            while ends and ends[0] < day.number:
                self._verdict_at(self._basis.day(ends.pop(0)))
            if not self._close(day):
                break
        else:
            self._end()
        if self.status.state == "completed":
            self._escalation.rest_from(self.status.since)
        self._pick_up()
        self._escalation.reopen(None, self._unsettled_at)

    def _close(self, day: Day) -> bool:
        """Judges the end of a day (F3); False while it lies ahead."""
        if self._contact_log.has_in_time(day):
            return True
        self._escalation.reopen(day.end, self._unsettled_at)
        finding = _JOINED if self._escalation.open_at(day.end) else _OPENED
        verdict = self._deadlines.found(f"day {day.number}", day.end, finding)
        if verdict in {_JOINED, _OPENED}:
            self._miss(day, joins=verdict == _JOINED)
        return verdict is not None

    def _miss(self, day: Day, *, joins: bool) -> None:
        self.missed.append(self._contact_log.missed(day))
        if not (joins and self._escalation.join(self.missed[-1])):
            self._open(day)

    def _open(self, day: Day) -> None:
        """A ladder opens at the end of a day; it covers every day unsettled by then."""
        self._escalation.open(day.number, day.end, self._unsettled_at(day.end), self._dates)

    def _end(self) -> None:
        """Judges the plan's end, and each midnight at which a day is or may be added (F5, F7)."""
        while True:
            last = self.last
            if last.end >= self._deadlines.judged_to and self._isolated_at(last, last.end):
                if not self._added_at(last):
                    return
                continue
            self._judge_end(last)
            if self.status.state == "running" or not self._reopened():
                return

    def _reopened(self) -> bool:
        """Whether the next midnight adds a day to a plan that is over: a positive within it was reported late."""
        basis, judged_to = self._basis, self._deadlines.judged_to
        ended_at = self.status.since if self.status.state == "completed" else None
        if not self._retests or self.last.end >= judged_to:
            return False
        midnight = basis.midnight_from(judged_to)
        return self._isolated_at(midnight, ended_at) and self._added_at(midnight)

    def _isolated_at(self, midnight: Day, ended_at: datetime | None) -> bool:
        """Nothing is added while the patient is lost."""
        waits = bool(self._retests) and isolated(self._basis, self._retests, ended_at, midnight.end)
        return waits and not any(
            loss.since <= midnight.end and (loss.until is None or loss.until >= midnight.end)
            for loss in self._escalation.losses
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
        self._alerts = None
        self.added_at = midnight.end
        return new

    def _judge_end(self, last: Day) -> None:
        """F7: held for what was missing at its end, completed at the first midnight at which all of that is settled."""
        midnight, verdict = last, self._verdict_at(last)
        if verdict == SKIPPED and self._deadlines.cancelled_at is None:
            midnight, verdict = self._after_skipped(last)
        if verdict is None or verdict == SKIPPED:
            return
        how, *missing = verdict.split()
        alerts = tuple(f"{alert.why}@{alert.day}" for alert in self.alerts if alert.open_at(midnight.end))
        completes = how == _COMPLETE and not alerts
        completed_at = midnight.end if completes else self._complete_after(midnight)
        if completed_at is not None and self._deadlines.passed(completed_at):
            self.status = Status("completed", completed_at, counts=self._counts())
        else:
            self.status = Status("held", midnight.end, missing=tuple(map(int, missing)), alerts=alerts)

    def _verdict_at(self, midnight: Day) -> str | None:
        """What is found at a midnight at which the plan may end: its days complete, or those that hold it.

        Held with no ladder open, it opens one. Alerts are no finding: a correction may take them back.
        """
        self._escalation.reopen(midnight.end, self._unsettled_at)
        unsettled = self._unsettled_at(midnight.end)
        open_ladder = self._escalation.open_at(midnight.end)
        how = (_HELD if open_ladder else _OPENED) if unsettled else _COMPLETE
        finding = " ".join([how, *(str(missed.day.number) for missed in unsettled)])
        verdict = self._deadlines.found(f"end {midnight.number}", midnight.end, finding)
        if verdict is not None and verdict.startswith(_OPENED):
            self._open(midnight)
        return verdict

    def _after_skipped(self, last: Day) -> tuple[Day, str | None]:
        """The first midnight after the plan's revival, since its own end passed while it was cancelled."""
        basis, deadlines = self._basis, self._deadlines
        judged = [number for number in deadlines.numbers("end") if deadlines.remembered(f"end {number}") != SKIPPED]
        next_one = basis.midnight_from(deadlines.watermark(last.end)).number
        midnight = basis.day(min((number for number in judged if number > last.number), default=next_one))
        verdict = self._verdict_at(midnight)
        if verdict == SKIPPED:  # revived at a midnight
            midnight = basis.day(midnight.number + 1)
            verdict = self._verdict_at(midnight)
        return midnight, verdict

    def _pick_up(self) -> None:
        """F7: a held plan of which the ladder was left while it was cancelled opens another when it has revived.

        At the first midnight after that, since no day is missed any more that would.
        """
        deadlines, basis = self._deadlines, self._basis
        for number in deadlines.numbers("pick up"):
            self._pick_up_at(basis.day(number))
        if self.status.state == "held" and self._escalation.is_left and deadlines.cancelled_at is None:
            self._pick_up_at(basis.midnight_from(deadlines.watermark(self.status.since)))

    def _pick_up_at(self, midnight: Day) -> None:
        """Opens a ladder at a midnight, unless that lies ahead or nothing is unsettled by then."""
        self._escalation.reopen(midnight.end, self._unsettled_at)
        unsettled = self._unsettled_at(midnight.end)
        finding = _OPENED if unsettled else _COMPLETE
        if self._deadlines.found(f"pick up {midnight.number}", midnight.end, finding) == _OPENED:
            self._escalation.open(midnight.number, midnight.end, unsettled, self._dates)

    def _complete_after(self, held: Day) -> datetime | None:
        """The first midnight after one at which nothing is missing; None while that cannot be told."""
        blocks: list[datetime | None] = [held.end]
        while blocks:
            ends = [end for end in blocks if end is not None]
            if len(ends) < len(blocks):
                return None
            midnight = self._basis.midnight_from(max(ends) + _A_MOMENT).end
            blocks = list(self._blocks_at(midnight))
        return midnight

    def _blocks_at(self, midnight: datetime) -> Iterator[datetime | None]:
        """When each thing ends that is missing at a midnight; None for what has not ended."""
        for missed in self.missed:
            if missed.open_at(midnight):
                yield missed.settled.received_at if missed.settled else None
        for alert in self.alerts:
            if alert.open_at(midnight):
                yield alert.closed

    def _unsettled_at(self, at: datetime) -> list[Missed]:
        return [missed for missed in self.missed if missed.open_at(at)]

    def _counts(self) -> Counts:
        by_phone = sum(1 for missed in self.missed if not self._contact_log.has(missed.day))
        return Counts(sum(map(self._contact_log.has, self._asked)), len(self.missed), by_phone)
