"""The re-tests that are due: each is to be taken, or is missed and asked about; none is left open at the end (F5)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from msgspec import Struct

from services.followup import policy
from services.followup.domain.basis import Basis
from services.followup.domain.calls import RequestedCall
from services.followup.domain.chains import Chains, Subject
from services.followup.domain.days import ContactLog
from services.followup.domain.deadlines import SKIPPED, Deadlines, Settlement
from services.followup.domain.facts import Retest
from services.followup.domain.retests import as_of

_MISSED = "missed"


class DueTest(Struct, frozen=True, array_like=True):
    """A re-test that is due on a day of the plan; `missed_at`: the midnight by which it had not been taken."""

    day: int
    due_on: date
    missed_at: datetime | None = None
    taken_at: datetime | None = None


class DueTests:
    """The due re-tests of one plan. `tests`: those taken since the discharge, as `retests.read` gives them.

    One that fell in a stay in hospital, or in a cancellation, is asked for no more (F8).
    """

    def __init__(
        self,
        basis: Basis,
        tests: Sequence[Retest],
        deadlines: Deadlines,
        contact_log: ContactLog,
    ) -> None:
        self._basis, self._deadlines, self._contact_log = basis, deadlines, contact_log
        self._terms = policy.plan(basis.start.jurisdiction, basis.day_0)
        self._due = tuple(day for day in basis.asked.test_days if day <= basis.days)
        self._taken = {day: self._counting(day, tests) for day in self._due}

    def _counting(self, day: int, tests: Sequence[Retest]) -> list[Retest]:
        """What counts for the re-test of a day: collected on it, later, or a few days before."""
        first = day - self._terms.retest_early_days
        return [
            test
            for test in tests
            if (test.stands or any(word.speaks for word in test.earlier))
            and self._basis.holds(test.collected_at)
            and self._basis.number_at(test.collected_at) >= first
        ]

    def run(self, chains: Chains) -> tuple[list[DueTest], list[RequestedCall]]:
        """Judges each: taken, missed or ahead; and the calls that those missed ask for."""
        judged: list[DueTest] = []
        calls: list[RequestedCall] = []
        for day in self._due:
            taken = [test for test in self._taken[day] if test.stands]
            last = self._basis.asked_by(day, self._terms.retest_grace_days)
            missed = self._found(day) == _MISSED
            taken_at = taken[0].collected_at if taken else None
            judged.append(DueTest(day, self._basis.day(day).date, last.end if missed else None, taken_at))
            if missed:
                about = Subject(f"retest {day}", days=(day,), why="retest_missed")
                answers = [Settlement(test.first_at, test.collected_at) for test in taken]
                calls += chains.search(about, last, answers)
        return judged, calls

    def _found(self, day: int) -> str | None:
        """What was found when the time of one had passed; None while it lies ahead, or when it was taken in time."""
        last = self._basis.asked_by(day, self._terms.retest_grace_days)
        what = f"retest {day}"
        in_time = any(test.first_at < last.end for test in self._taken[day])
        if in_time and self._deadlines.remembered(what) is None:
            return None
        if self._contact_log.was_in_hospital(self._basis.day(day)):
            return self._deadlines.found(what, last.end, SKIPPED)
        return self._deadlines.found(what, last.end, _MISSED)

    def missing_at(self, at: datetime) -> Iterator[int]:
        """The days of those that hold the plan at an instant: by what had come, not taken, or not negative."""
        for day in self._due:
            if self._basis.day(day).end <= at and not self._excused(day, at) and self._negative_at(day, at) is None:
                yield day

    def ends_at(self, at: datetime) -> Iterator[datetime | None]:
        """When each that holds the plan at an instant came to be known as negative; None where it has not."""
        for day in self.missing_at(at):
            known = [test.received_at for test in self._taken[day] if test.speaks and not test.positive]
            skipped_at = self._skipped_at(day)
            yield min([*known, *([skipped_at] if skipped_at else ())], default=None)

    def _excused(self, day: int, at: datetime) -> bool:
        """Whether by an instant it was not to be taken any more: skipped, or its day was spent in hospital."""
        skipped_at = self._skipped_at(day)
        return skipped_at is not None and skipped_at < at

    def _skipped_at(self, day: int) -> datetime | None:
        """From when on it was not to be taken: its day was spent in hospital, or its time passed meanwhile."""
        there = self._contact_log.in_hospital_since(self._basis.day(day))
        if self._deadlines.remembered(f"retest {day}") == SKIPPED:
            last = self._basis.asked_by(day, self._terms.retest_grace_days).end
            return last if there is None else min(there, last)
        return there

    def _negative_at(self, day: int, at: datetime) -> Retest | None:
        known = (as_of(test, at) for test in self._taken[day])
        return next((test for test in known if test is not None and not test.positive), None)
