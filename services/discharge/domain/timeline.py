"""Instants and civil days, and findings along time: what lay not after an instant, and since when something has held.

A civil day is one of a time zone: whatever length it has, and whichever dates the zone skipped.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from operator import attrgetter
from typing import Final, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from msgspec import convert

from schemas.calendar import end_of

INSTANT: Final = timedelta(microseconds=1)
"""The smallest step of time: what held up to an instant held this long before it."""

MORE_THAN: Final = timedelta(seconds=1)
"""'More than' a duration is true from the first second after it (D1, D5)."""

DAY: Final = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


class Timed(Protocol):
    """Whatever has a clinical time."""

    @property
    def at(self) -> datetime: ...


T = TypeVar("T", bound=Timed)
_at = attrgetter("at")


def up_to(facts: tuple[T, ...], instant: datetime) -> tuple[T, ...]:
    """The facts whose clinical time is not after an instant."""
    if not facts or facts[-1].at <= instant:
        return facts
    return facts[: bisect_right(facts, instant, key=_at)]


def last_by(facts: tuple[T, ...], instant: datetime) -> int:
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


class CivilDay(NamedTuple):
    """A date and the instants at which it begins and ends (excluded)."""

    date: date
    begins: datetime
    ends: datetime


def civil_date(instant: datetime, zone: ZoneInfo) -> date:
    """The date on the calendar of `zone` at an instant."""
    return instant.astimezone(zone).date()


def civil_time(instant: datetime, zone: ZoneInfo) -> datetime:
    """The same instant at the offset that `zone` has then, which is how most facts of a case are written.

    Two datetimes whose offset is one object compare ten times as fast, so facts are looked up by such an instant.
    """
    local = instant.astimezone(zone)
    return local.replace(tzinfo=_offset(local.utcoffset() or timedelta()))


@lru_cache(maxsize=4096)
def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a civil day, at the offset then in force; of a skipped date, that of the next."""
    return civil_time(end_of(day - DAY, zone.key), zone)


def days_before(today: date, zone: ZoneInfo) -> Iterator[CivilDay]:
    """The civil days before a date, newest first, without dates that the zone skipped."""
    day = today
    ends = start_of_day(day, zone)
    while True:
        day -= DAY
        begins = start_of_day(day, zone)
        if begins < ends:
            yield CivilDay(day, begins, ends)
            ends = begins


@lru_cache(maxsize=256)
def _offset(offset: timedelta) -> tzinfo:
    """The very object with which stored instants of this offset are decoded."""
    if offset % _MINUTE:
        return timezone(offset)
    written = datetime(2000, 1, 1, tzinfo=timezone(offset)).isoformat()
    return convert(written, datetime).tzinfo or UTC
