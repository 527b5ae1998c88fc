"""Facts and findings along time: what lay not after an instant, and since when something has held."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final, TypeVar

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


def held_since(instants: Iterable[datetime], holds: Callable[[datetime], bool], *, before: bool) -> datetime | None:
    """The first of the unbroken run of instants, backwards from the last, at which something holds.

    `instants`: all at which it may have changed, oldest first. None where it did not hold at the last, and where it
    has held ever since before the first (`before`: whether it held then).
    """
    since = None
    for at in reversed(tuple(instants)):
        if not holds(at):
            return since
        since = at
    return None if before else since
