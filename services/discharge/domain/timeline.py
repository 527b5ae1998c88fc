"""Facts and findings along time: what lay not after an instant, and since when something has held."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final, NamedTuple, TypeVar

from services.discharge.domain.facts import Fact

INSTANT: Final = timedelta(microseconds=1)
"""The smallest step of time: what held up to an instant held this long before it."""

MORE_THAN: Final = timedelta(seconds=1)
"""'More than' a duration is true from the first second after it (D1, D5)."""

F = TypeVar("F", bound=Fact)
_at = attrgetter("at")


def up_to(facts: tuple[F, ...], instant: datetime) -> tuple[F, ...]:
    """The facts whose clinical time is not after an instant."""
    if not facts or facts[-1].at <= instant:
        return facts
    return facts[: bisect_right(facts, instant, key=_at)]


def last_by(facts: tuple[F, ...], instant: datetime) -> int:
    """The place of the last fact whose clinical time is not after an instant; -1 where there is none."""
    if not facts or facts[-1].at <= instant:
        return len(facts) - 1
    return bisect_right(facts, instant, key=_at) - 1


class Spells(NamedTuple):
    """When something held and when not, found in one pass along the facts.

    `before`: whether it held before the first turn. `turns`: the instants at which that changed, oldest first.
    """

    before: bool
    turns: list[datetime]

    def at(self, instant: datetime) -> tuple[bool, datetime | None]:
        """Whether it holds at an instant, and since when that has been so; None: ever since before the first turn."""
        passed = bisect_right(self.turns, instant)
        return self.before ^ (passed % 2 == 1), self.turns[passed - 1] if passed else None


def spells(found: Iterable[tuple[datetime, bool]], *, before: bool) -> Spells:
    """From (instant, whether it holds from then on), oldest first; of several at one instant the last counts."""
    turns: list[datetime] = []
    held, instant = before, None
    for at, holds in found:
        if instant is None or at != instant:
            instant = at
        if holds is not held:
            held = holds
            if turns and turns[-1] is instant:
                turns.pop()
            else:
                turns.append(instant)
    return Spells(before, turns)
