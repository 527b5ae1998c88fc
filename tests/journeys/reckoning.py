"""What follows from a life, reckoned hour by hour with pencil and paper, by the text of the rules.

It shares nothing with the service: no code, no instants, no documents. At each hour first comes what the clock alone
brings, by all that had come before; then what comes to the bus at that hour.
"""

from collections import Counter
from dataclasses import dataclass, field

from tests.journeys.lives import ANSWERING, ANSWERING_RETESTS, DAYS, EVENING, HOME_VISIT, Life

LATER_HOURS = {2: 12, 3: 24, HOME_VISIT: 48}
"""By when the later steps of a ladder must be reported, after the end of the day in which it opened."""
LOST_AFTER = AGAIN_AFTER = 72
HOURS = (0, 10, 12, 13, 16, 18, 21)
"""Of each day: nothing happens at another."""
DUE = {7: range(4, 9), 14: range(11, 16)}
"""Re-test → the days on which a swab is in time for it."""
REFUSED_LADDERS = 2
NO_USE_CALLING = {"refused", "wrong_number"}


@dataclass
class Step:
    """What somebody was asked to do last: a call, or the visit."""

    attempt: int
    asked_at: int
    by: int


@dataclass
class Ladder:
    """One search. `contact_at`: the first since it opened. `in_vain_at`: when its last step failed.

    `of_retest`: it asks for a swab, whatever else is settled.
    """

    opened_at: int
    first_by: int
    step: Step | None = None
    contact_at: int | None = None
    in_vain_at: int | None = None
    lost: bool = False
    refused: bool = False
    of_retest: bool = False

    def is_over(self) -> bool:
        """Climbed in vain, or the patient lost; and there was contact. Then the next missed day opens another."""
        return self.contact_at is not None and (self.lost or self.in_vain_at is not None)

    def again_at(self) -> int | None:
        """When another opens by itself."""
        if not self.is_over() or self.contact_at is None:
            return None
        return max(self.contact_at, self.in_vain_at or 0) + AGAIN_AFTER


@dataclass
class Reckoning:
    """One patient's figures as the hours go by."""

    life: Life
    figures: Counter[str] = field(default_factory=Counter)
    missed: set[int] = field(default_factory=set)
    unsettled: set[int] = field(default_factory=set)
    logged: set[int] = field(default_factory=set)
    ladder: Ladder | None = None
    retest: Ladder | None = None
    refusals: int = 0
    """Ladders climbed in vain in which somebody refused."""

    def run(self) -> Counter[str]:
        """From the first day to the midnight that ends the last."""
        self.figures["plans"] += 1
        for day in DAYS:
            for hour in HOURS:
                self._clock(24 * day + hour)
                self._comes(24 * day + hour)
        end = 24 * (DAYS[-1] + 1)
        self._clock(end)
        self._ends(end)
        return self.figures

    def _clock(self, now: int) -> None:
        for ladder in (self.ladder, self.retest):
            step = ladder.step if ladder else None
            if ladder is not None and step is not None and step.by == now:
                self.figures["lapsed"] += 1
                self._next_step(ladder, now, step.attempt + 1)
        if self.ladder and not self.ladder.lost and now == self.ladder.opened_at + LOST_AFTER:
            self._lost(self.ladder, now)
        if self.ladder and self.ladder.again_at() == now and self.unsettled and not self._given_up():
            self._open(now)
        if now % 24 == 0:
            self._day_ends(now // 24 - 1, now)

    def _lost(self, ladder: Ladder, now: int) -> None:
        if ladder.contact_at is None:
            self._withdraw(self.ladder)
            self._withdraw(self.retest)
            ladder.lost, ladder.in_vain_at = True, now
            self.figures["lost"] += 1

    def _day_ends(self, day: int, now: int) -> None:
        if day in DAYS and day not in self.logged:
            self.figures["missed"] += 1
            self.missed.add(day)
            self.unsettled.add(day)
            if (self.ladder is None or self.ladder.is_over()) and not self._given_up():
                self._open(now)
        if day == DUE[7][-1] and not self._swabbed(7, now):
            self.figures["RetestMissed"] += 1
            if not self._is_lost():
                self._ask_for_a_swab(now)

    def _swabbed(self, due: int, now: int) -> bool:
        """Whether a swab that counts for a re-test has been told of."""
        return any(DUE[due][0] <= day and 24 * day + EVENING <= now for day in self.life.swabs)

    def _ask_for_a_swab(self, now: int) -> None:
        if not self._given_up():
            end_of_today = now - now % 24 + 24
            self.retest = Ladder(now, end_of_today, Step(1, now, end_of_today), of_retest=True)
            self._asked(1)

    def _is_lost(self) -> bool:
        return self.ladder is not None and self.ladder.lost and self.ladder.contact_at is None

    def _given_up(self) -> bool:
        """Refused so often that nobody is asked again; an alert hands the case on, and holds the plan."""
        return self.refusals >= REFUSED_LADDERS

    def _comes(self, now: int) -> None:
        if now % 24 in ANSWERING:
            self._is_answered(self.ladder, now)
        if now % 24 in ANSWERING_RETESTS:
            self._is_answered(self.retest, now)
        if now % 24 == EVENING:
            if self._swabbed(7, now):
                self._withdraw(self.retest)
            for day, _ in self.life.comes_at(now // 24):
                self.figures["logged"] += 1
                self.figures["late"] += day < now // 24
                self.logged.add(day)
                self._contact(now)
                self._settle({day})

    def _is_answered(self, ladder: Ladder | None, now: int) -> None:
        step = ladder.step if ladder else None
        answer = self.life.answer(step.asked_at, step.attempt, now % 24 in ANSWERING_RETESTS) if step else None
        if ladder is None or step is None or answer is None or answer[0] != now:
            return
        outcome = answer[1]
        self.figures[outcome] += 1
        ladder.refused |= outcome == "refused"
        if outcome in {"reached", "refused"}:
            self._contact(now)
        if outcome == "reached":
            ladder.step = None
            self._settle({*self.unsettled})
        else:
            of_no_use = outcome in NO_USE_CALLING and step.attempt < HOME_VISIT
            self._next_step(ladder, now, HOME_VISIT if of_no_use else step.attempt + 1)

    def _next_step(self, ladder: Ladder, now: int, attempt: int) -> None:
        if attempt <= HOME_VISIT:
            ladder.step = Step(attempt, now, ladder.first_by + LATER_HOURS[attempt])
            self._asked(attempt)
            return
        ladder.step, ladder.in_vain_at = None, now
        if ladder.refused and not ladder.of_retest:
            self.refusals += 1
            self.figures["HealthAlertRaised"] += self.refusals == REFUSED_LADDERS

    def _open(self, now: int) -> None:
        end_of_today = now - now % 24 + 24
        self.ladder = Ladder(now, end_of_today, Step(1, now, end_of_today))
        self._asked(1)

    def _asked(self, attempt: int) -> None:
        self.figures["home visit" if attempt == HOME_VISIT else f"call {attempt}"] += 1

    def _contact(self, now: int) -> None:
        if self.ladder and self.ladder.contact_at is None:
            self.ladder.contact_at = now
            self.figures["resumed"] += self.ladder.lost
            missed = now >= 24 * (DUE[7][-1] + 1) and not self._swabbed(7, now)
            if self.ladder.lost and missed and (self.retest is None or self.retest.in_vain_at is None):
                self._ask_for_a_swab(now)

    def _settle(self, days: set[int]) -> None:
        before = len(self.unsettled)
        self.unsettled -= days
        if before and not self.unsettled:
            self._withdraw(self.ladder)
            self.ladder = None

    def _withdraw(self, ladder: Ladder | None) -> None:
        if ladder and ladder.step:
            self.figures["withdrawn"] += 1
            ladder.step = None

    def _ends(self, now: int) -> None:
        if self._is_lost():
            return
        if self.unsettled or self._given_up() or not all(self._swabbed(due, now) for due in DUE):
            self.figures["held"] += 1
            if self.unsettled and (self.ladder is None or self.ladder.is_over()) and not self._given_up():
                self._open(now)
            return
        counts = {"days logged": len(self.logged), "days missed": len(self.missed)}
        by_phone = {"days reached by phone": len(self.missed - self.logged)}
        self.figures.update({"completed": 1, **counts, **by_phone})


def reckon(life: Life) -> Counter[str]:
    """The figures of one patient; only what is not nought."""
    return +Reckoning(life).run()
