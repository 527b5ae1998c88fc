"""The civil days of a plan, in its own zone: day 0 is the date of discharge, day n is day 0 + n (F1).

A day lasts as long as its zone says, 23 and 25 hours included. A date that the zone left out is no day at all: it is
skipped, not missed. Offsets of the instants are those of the zone at that instant.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

_ONE_DAY = timedelta(days=1)
_ONE_MINUTE = timedelta(minutes=1)
_A_MOMENT = timedelta(microseconds=1)


class Day(Struct, frozen=True):
    """A civil day of a plan. `end`: the midnight that closes it. `skipped`: the zone never had this date."""

    number: int
    date: date
    end: datetime
    skipped: bool


@lru_cache(maxsize=4096)
def day_numbered(day_0: date, zone: str, number: int) -> Day:
    """Day `number` of the plans that have this day 0."""
    on = day_0 + number * _ONE_DAY
    return Day(number, on, end_of(on, zone), end_of(on - _ONE_DAY, zone) >= end_of(on, zone))


@lru_cache(maxsize=1024)
def days(day_0: date, zone: str, length: int) -> tuple[Day, ...]:
    """Days 1 to `length`."""
    return tuple(day_numbered(day_0, zone, number) for number in range(1, length + 1))


@lru_cache(maxsize=1024)
def by_date(day_0: date, zone: str, length: int, added: tuple[int, ...]) -> Mapping[date, Day]:
    """The days of a plan, by date: 1 to `length`, and the numbers `added` to it."""
    later = (day_numbered(day_0, zone, number) for number in added)
    return {day.date: day for day in (*days(day_0, zone, length), *later)}


def midnight_from(day_0: date, zone: str, at: datetime) -> Day:
    """The day closed by the first midnight at or after `at`; it is that of `at` itself, unless `at` is a midnight."""
    day = day_numbered(day_0, zone, (local_date(at, zone) - day_0).days - 1)
    while day.end < at:
        day = day_numbered(day_0, zone, day.number + 1)
    return day


def local_date(at: datetime, zone: str) -> date:
    """The civil date of an instant."""
    return at.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=4096)
def end_of(on: date, zone: str) -> datetime:
    """The instant from which on no clock of the zone shows `on` or an earlier date any more.

    At the zone's own offset; in UTC where that has seconds (before standard time), which RFC 3339 cannot write.
    """
    place = ZoneInfo(zone)
    midnight = datetime(on.year, on.month, on.day, tzinfo=place) + _ONE_DAY
    first, second = (midnight.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first > second:
        first = _first_with_date_after(on, place, second - _ONE_DAY, first)
    elif first < second and local_date(second - _A_MOMENT, zone) <= on:
        first = second
    offset = first.astimezone(place).utcoffset() or timedelta(0)
    return first if offset % _ONE_MINUTE else first.astimezone(timezone(offset))


def _first_with_date_after(on: date, place: ZoneInfo, early: datetime, late: datetime) -> datetime:
    """The change of clocks between `early` and `late` that left out midnight itself."""
    while late - early > _A_MOMENT:
        middle = early + (late - early) / 2
        if middle.astimezone(place).date() > on:
            late = middle
        else:
            early = middle
    return late
