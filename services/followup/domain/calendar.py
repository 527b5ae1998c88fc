"""The civil days of a plan, in its own zone: day 0 is the date of discharge, day n is day 0 + n (F1).

A date that the zone left out is no day at all: it is skipped, not missed. When a day ends: schemas/calendar.py.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache

from msgspec import Struct

from schemas.calendar import end_of, local_date

_ONE_DAY = timedelta(days=1)


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


def number_on(day_0: date, on: date) -> int:
    """The number of the day with a civil date; before day 0 it is negative."""
    return (on - day_0).days


def number_at(day_0: date, zone: str, at: datetime) -> int:
    """The number of the day in which an instant lies."""
    return number_on(day_0, local_date(at, zone))


def midnight_from(day_0: date, zone: str, at: datetime) -> Day:
    """The day closed by the first midnight at or after `at`; it is that of `at` itself, unless `at` is a midnight."""
    day = day_numbered(day_0, zone, number_at(day_0, zone, at) - 1)
    while day.end < at:
        day = day_numbered(day_0, zone, day.number + 1)
    return day
