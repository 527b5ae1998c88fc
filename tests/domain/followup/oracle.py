"""F3 by brute force: every ten minutes it asks the rule's own sentences, and knows nothing of how the service does it.

Minutes are counted from the midnight that begins day 0. Days, calls and losses only; re-tests and visits have no part.
"""

import random
from dataclasses import dataclass, field

DAY, HOUR, STEP = 1440, 60, 10
LAST = 14
UNTIL = 15 * DAY + 12 * HOUR
FAILS = {"no_answer", "wrong_number", "refused", "lapsed"}


@dataclass(frozen=True)
class Stay:
    """In hospital from `admitted` to `ended`, which came to be known when it says."""

    admitted: int
    known: int
    ended: int
    end_known: int


@dataclass(frozen=True)
class Course:
    """What happens. `logs`: (when it came, its day); `answers`: what comes of each call in turn, ten minutes later."""

    known_at: int
    logs: tuple[tuple[int, int], ...]
    stays: tuple[Stay, ...]
    answers: tuple[str | None, ...]


def drawn(seed: int) -> Course:
    """A random course: silent, talkative, told late, in other hospitals."""
    rng = random.Random(seed)
    known_at = rng.choice((11 * HOUR, 11 * HOUR, rng.randint(1, 9) * DAY + 10 * HOUR + 30))
    silent = set(rng.sample(range(1, LAST + 1), rng.randint(0, LAST)))
    logs = [(day * DAY + 8 * HOUR + 20, day) for day in range(1, LAST + 1) if day not in silent]
    logs += [((day + rng.randint(1, 5)) * DAY + 9 * HOUR + 20, day) for day in silent if rng.random() < 0.15]
    stays: list[Stay] = []
    at = rng.randint(0, 12) * DAY
    while rng.random() < 0.45 and at < LAST * DAY:
        admitted = max(at + rng.randint(0, 23) * HOUR, 11 * HOUR) + 50
        ended = admitted + rng.randint(1, 90) * HOUR
        known = admitted + rng.choice((0, 0, rng.randint(1, 40) * HOUR))
        stays.append(Stay(admitted, min(known, ended), ended, ended + rng.choice((0, 0, rng.randint(1, 20) * HOUR))))
        at = stays[-1].end_known + rng.randint(6, 60) * HOUR
    answers = [rng.choice(("reached", "no_answer", "refused", "wrong_number", None)) for _ in range(30)]
    return Course(known_at, tuple(sorted(logs)), tuple(stays), tuple(answers))


@dataclass
class Call:
    asked: int
    attempt: int
    by: int
    outcome: str = ""


@dataclass
class Ladder:
    opened: int
    covers: set[int]
    calls: list[Call] = field(default_factory=list)
    exhausted: int | None = None
    lost: int | None = None
    contact: int | None = None
    is_left: bool = False
    followed: bool = False

    @property
    def schedule(self) -> tuple[int, ...]:
        end = (self.opened // DAY + 1) * DAY
        return end, end + 12 * HOUR, end + 24 * HOUR, end + 48 * HOUR


class Oracle:
    """A course, lived through."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.missed: list[int] = []
        self.unknown: list[int] = []
        self.losses: list[int] = []
        self.ladders: list[Ladder] = []
        self._logged: dict[int, int] = {}
        self._spoken: list[int] = []
        self._waiting: list[tuple[int, Call, Ladder]] = []
        self._owed = False
        for now in range(course.known_at, UNTIL + 1, STEP):
            self._deadlines(now)
            self._messages(now)

    @property
    def calls(self) -> list[tuple[int, int, str]]:
        """(when it was asked for, its place in its ladder, what came of it)."""
        return [(call.asked, call.attempt, call.outcome) for ladder in self.ladders for call in ladder.calls]

    def _in_hospital(self, now: int) -> bool:
        return any(max(s.admitted, s.known) < now <= max(s.ended, s.end_known) for s in self.course.stays)

    def _there_on(self, day: int, by: int) -> bool:
        """Whether by an instant it was known that any of a day was spent in hospital."""
        begin, end = day * DAY, (day + 1) * DAY
        return any(
            s.known < by and s.admitted < end and (s.ended > begin or s.end_known >= by) for s in self.course.stays
        )

    def _settled(self, day: int, now: int) -> bool:
        spoken = any(at > (day + 1) * DAY for at in self._spoken)
        there = any(
            max(s.admitted, s.known) < now and s.admitted < (day + 1) * DAY and s.ended > day * DAY
            for s in self.course.stays
        )
        return day in self._logged or spoken or there

    def _unsettled(self, now: int) -> set[int]:
        return {day for day in (*self.unknown, *self.missed) if not self._settled(day, now)}

    def _is_open(self, now: int) -> bool:
        if not self.ladders or self.ladders[-1].is_left:
            return False
        last = self.ladders[-1]
        if (last.exhausted is not None or last.lost is not None) and last.contact is not None:
            return False
        return any(not self._settled(day, now) for day in last.covers)

    def _is_given_up(self) -> bool:
        refused = [one for one in self.ladders if one.exhausted is not None and self._refused(one)]
        return len(refused) >= 2

    def _refused(self, ladder: Ladder) -> bool:
        return any(call.outcome == "refused" for call in ladder.calls)

    def _deadlines(self, now: int) -> None:
        for ladder in self.ladders:
            self._lapse(ladder, now)
        for ladder in self.ladders:
            self._lose(ladder, now)
        self._reopen(now)
        day = now // DAY - 1
        if now % DAY == 0 and 1 <= day <= LAST and now > self.course.known_at:
            self._end_of(day, now)
        if self._owed and not self._in_hospital(now):
            self._owed = False
            if covers := self._unsettled(now):
                self._open(now - STEP, covers)  # as soon as the stay was known to be over

    def _lapse(self, ladder: Ladder, now: int) -> None:
        call = ladder.calls[-1]
        if call.outcome or now != call.by:
            return
        if self._in_hospital(now):
            call.outcome, ladder.is_left = "withdrawn", True
        elif self._over(ladder, now):
            call.outcome = "withdrawn"
        else:
            self._failed(ladder, call, "lapsed", now)

    def _over(self, ladder: Ladder, now: int) -> bool:
        return all(self._settled(day, now) for day in ladder.covers)

    def _failed(self, ladder: Ladder, call: Call, outcome: str, now: int) -> None:
        call.outcome = outcome
        if self._over(ladder, now + 1):
            return
        if call.attempt == 4:
            ladder.exhausted = now
        else:
            self._ask(ladder, 4 if outcome in {"refused", "wrong_number"} else call.attempt + 1, now)

    def _ask(self, ladder: Ladder, attempt: int, now: int) -> None:
        call = Call(now, attempt, ladder.schedule[attempt - 1])
        asked = sum(len(one.calls) for one in self.ladders)
        ladder.calls.append(call)
        outcome = self.course.answers[asked] if asked < len(self.course.answers) else None
        if outcome is not None and now + STEP < call.by:
            self._waiting.append((now + STEP, call, ladder))

    def _lose(self, ladder: Ladder, now: int) -> None:
        if now != ladder.opened + 72 * HOUR or ladder.contact is not None or ladder.is_left or self._over(ladder, now):
            return
        if self._in_hospital(now):
            ladder.is_left = True
        else:
            ladder.lost = now
            self.losses.append(now)

    def _reopen(self, now: int) -> None:
        if not self.ladders:
            return
        last = self.ladders[-1]
        idle = last.lost if last.lost is not None else last.exhausted
        if idle is None or last.contact is None or last.is_left or last.followed or self._is_given_up():
            return
        if now != max(idle, last.contact) + 72 * HOUR or self._over(last, now):
            return
        last.followed = True
        if self._in_hospital(now):
            last.is_left = True
        elif covers := self._unsettled(now):
            self._open(now, covers)

    def _end_of(self, day: int, now: int) -> None:
        if day not in self._logged and not self._in_hospital(now) and not self._there_on(day, now):
            self.missed.append(day)
            if self._is_open(now):
                self.ladders[-1].covers.add(day)
            elif not self._is_given_up():
                self._open(now, self._unsettled(now))
        ends = day == LAST and not self._in_hospital(now) and bool(self._unsettled(now))
        if ends and not self._is_open(now) and not self._is_given_up():
            self._open(now, self._unsettled(now))

    def _open(self, now: int, covers: set[int]) -> None:
        ladder = Ladder(now, set(covers))
        self.ladders.append(ladder)
        self._ask(ladder, 1, now)

    def _messages(self, now: int) -> None:
        for minute, day in self.course.logs:
            if minute == now or (now == self.course.known_at and minute < now):
                self._logged.setdefault(day, minute)
                self._heard(now)
        if any(max(s.admitted, s.known) == now for s in self.course.stays):
            self._heard(now)
        if now == self.course.known_at:
            self._learn(now)
        for at, call, ladder in list(self._waiting):
            if at == now:
                self._waiting.remove((at, call, ladder))
                self._answered(ladder, call, now)

    def _learn(self, now: int) -> None:
        late = [day for day in range(1, LAST + 1) if (day + 1) * DAY <= now and day not in self._logged]
        self.unknown = [day for day in late if not self._there_on(day, (day + 1) * DAY)]
        if self._unsettled(now):
            self._owed = self._in_hospital(now)
            if not self._owed:
                self._open(now, self._unsettled(now))

    def _answered(self, ladder: Ladder, call: Call, now: int) -> None:
        if call.outcome:
            return
        asked = [one for lad in self.ladders for one in lad.calls].index(call)
        outcome = self.course.answers[asked] or ""
        if outcome == "reached":
            call.outcome = outcome
            self._spoken.append(now)
            self._heard(now)
            return
        if outcome == "refused":
            self._heard(now)
        self._failed(ladder, call, outcome, now)

    def _heard(self, now: int) -> None:
        for ladder in self.ladders:
            if ladder.contact is None:
                ladder.contact = now
