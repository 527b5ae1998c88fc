"""The course of a plan, midnight by midnight: days end, ladders open, days are added, the plan ends (F3, F5, F7)."""

from datetime import datetime, timedelta
from typing import Final

from services.followup import policy
from services.followup.domain.calendar import Day, days, midnight_from
from services.followup.domain.conclusions import Counts, Standing
from services.followup.domain.days import Diary, Missed
from services.followup.domain.deadlines import SKIPPED, Deadlines
from services.followup.domain.facts import Facts, Retest
from services.followup.domain.ground import Ground
from services.followup.domain.ladder import Ladder, call_deadline
from services.followup.domain.retests import isolated

_JOINED: Final = "joined"
"""Found at the end of a missed day: a ladder was open."""
_OPENED: Final = "opened"
"""Found at the end of a missed day, or of the plan: no ladder was open, so one opens."""
_HELD: Final = "held"
_COMPLETE: Final = "complete"
_ADDED: Final = "added"
_A_MOMENT: Final = timedelta(microseconds=1)


class Course:
    """How a plan has gone so far. Built once a judgement by `run`, then only read."""

    def __init__(self, ground: Ground, facts: Facts, deadlines: Deadlines, retests: tuple[Retest, ...]) -> None:
        self.missed: list[Missed] = []
        self.ladders: list[Ladder] = []
        self.added: list[Day] = []
        self.added_at: datetime | None = None
        self.standing = Standing("running", ground.start.discharged_at)
        self._ground = ground
        self._deadlines = deadlines
        self._retests = retests
        self._diary = Diary(ground, facts)
        self._asked = list(days(ground.day_0, ground.zone, ground.days))

    @property
    def last(self) -> Day:
        """The last day; of a plan of no days, the day of discharge."""
        return self._asked[-1] if self._asked else self._ground.day(0)

    def run(self) -> None:
        """Goes through the midnights of the plan, up to the first that lies ahead."""
        for midnight in self._deadlines.numbers("add"):
            self._add(self._ground.day(midnight))
        ends = self._deadlines.numbers("end")
        for day in self._asked:
            while ends and ends[0] < day.number:
                self._verdict_at(self._ground.day(ends.pop(0)))
            if not self._close(day):
                return
        self._end()

    def _close(self, day: Day) -> bool:
        """Judges the end of a day (F3); False while it lies ahead."""
        if self._diary.has_in_time(day):
            return True
        open_ladder = bool(self.ladders) and self.ladders[-1].open_at(day.end)
        verdict = self._deadlines.found(f"day {day.number}", day.end, _JOINED if open_ladder else _OPENED)
        if verdict in {_JOINED, _OPENED}:
            self._miss(day, joins=verdict == _JOINED and bool(self.ladders))
        return verdict is not None

    def _miss(self, day: Day, *, joins: bool) -> None:
        self.missed.append(self._diary.missed(day))
        if joins:
            self.ladders[-1].covers.append(self.missed[-1])
        else:
            self._open(day)

    def _open(self, day: Day) -> None:
        """A ladder opens at the end of a day; it covers every day unsettled by then."""
        rested = self._deadlines.remembered(call_deadline(day.number, 1)) == SKIPPED
        self.ladders.append(Ladder(day, self._unsettled_at(day.end), rested))

    def _end(self) -> None:
        """Judges the plan's end, and each midnight at which a day is or may be added (F5, F7)."""
        while True:
            last = self.last
            if last.end >= self._deadlines.clock.read_to and self._isolated_at(last, last.end):
                if not self._added_at(last):
                    return
                continue
            self._judge_end(last)
            if self.standing.state == "running" or not self._reopened():
                return

    def _reopened(self) -> bool:
        """Whether the next midnight adds a day to a plan that is over: a positive within it was reported late."""
        ground, read_to = self._ground, self._deadlines.clock.read_to
        ended_at = self.standing.since if self.standing.state == "completed" else None
        if not self._retests or self.last.end >= read_to:
            return False
        midnight = midnight_from(ground.day_0, ground.zone, read_to)
        return self._isolated_at(midnight, ended_at) and self._added_at(midnight)

    def _isolated_at(self, midnight: Day, ended_at: datetime | None) -> bool:
        return bool(self._retests) and isolated(self._ground, self._retests, ended_at, midnight.end)

    def _added_at(self, midnight: Day) -> bool:
        """Adds days at a midnight; False while it, or the end of what it adds, lies ahead."""
        if self._deadlines.found(f"add {midnight.number}", midnight.end, _ADDED) != _ADDED:
            return False
        self.standing = Standing("running", self._ground.start.discharged_at)
        return all(map(self._close, self._add(midnight)))

    def _add(self, midnight: Day) -> list[Day]:
        """The days that a midnight adds: as many as policy says, from the day it begins (F5)."""
        count = policy.retest(self._ground.start.jurisdiction, self._ground.day_0).days_added
        new = [self._ground.day(midnight.number + ahead) for ahead in range(1, count + 1)]
        self.added += new
        self._asked += new
        self.added_at = midnight.end
        return new

    def _judge_end(self, last: Day) -> None:
        """F7: held for what was missing at its end, completed at the first midnight at which all of that is settled."""
        midnight, verdict = last, self._verdict_at(last)
        if verdict == SKIPPED and self._deadlines.cancelled_at is None:
            midnight, verdict = self._after_skipped(last)
        if verdict is None or verdict == SKIPPED:
            return
        how, *numbers = verdict.split()
        completed_at = midnight.end if how == _COMPLETE else self._settled_at(midnight)
        if completed_at is not None and self._deadlines.passed(completed_at):
            self.standing = Standing("completed", completed_at, counts=self._counts())
        else:
            self.standing = Standing("held", midnight.end, missing=tuple(map(int, numbers)))

    def _verdict_at(self, midnight: Day) -> str | None:
        """What is found at a midnight at which the plan may end: complete, or the days that hold it.

        Held with no ladder open, it opens one.
        """
        unsettled = self._unsettled_at(midnight.end)
        open_ladder = bool(self.ladders) and self.ladders[-1].open_at(midnight.end)
        how = (_HELD if open_ladder else _OPENED) if unsettled else _COMPLETE
        finding = " ".join([how, *(str(missed.day.number) for missed in unsettled)])
        verdict = self._deadlines.found(f"end {midnight.number}", midnight.end, finding)
        if verdict is not None and verdict.startswith(_OPENED):
            self._open(midnight)
        return verdict

    def _after_skipped(self, last: Day) -> tuple[Day, str | None]:
        """The first midnight after the plan's revival, since its own end passed while it was cancelled."""
        ground, deadlines = self._ground, self._deadlines
        judged = [number for number in deadlines.numbers("end") if deadlines.remembered(f"end {number}") != SKIPPED]
        next_one = midnight_from(ground.day_0, ground.zone, deadlines.clock.read_to).number
        midnight = ground.day(min((number for number in judged if number > last.number), default=next_one))
        verdict = self._verdict_at(midnight)
        if verdict == SKIPPED:  # revived at a midnight
            midnight = ground.day(midnight.number + 1)
            verdict = self._verdict_at(midnight)
        return midnight, verdict

    def _settled_at(self, held: Day) -> datetime | None:
        """The first midnight after the last settlement of what is missing; None while something is unsettled."""
        came = [missed.settled.came for missed in self.missed if missed.settled]
        if len(came) < len(self.missed):
            return None
        return midnight_from(self._ground.day_0, self._ground.zone, max([held.end, *came]) + _A_MOMENT).end

    def _unsettled_at(self, at: datetime) -> list[Missed]:
        return [missed for missed in self.missed if missed.open_at(at)]

    def _counts(self) -> Counts:
        by_phone = sum(1 for missed in self.missed if not self._diary.has(missed.day))
        return Counts(sum(map(self._diary.has, self._asked)), len(self.missed), by_phone)
