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
    """A civil day of a plan. `begin`, `end`: the midnights that open and close it. `skipped`: the zone never had it."""

    number: int
    date: date
    end: datetime
    skipped: bool
    begin: datetime


Zones = tuple[tuple[date, str], ...]
"""The zones of a plan's days: from which civil date on which one holds, oldest first; the first holds from the start.

A patient who moves takes the calendar along (F9)."""


def zones_of(time_zone: str, moves: Zones = ()) -> Zones:
    """The zones of a plan that begins in one and moves to others."""
    return ((date.min, time_zone), *moves)


@lru_cache(maxsize=4096)
def zone_on(zones: Zones, on: date) -> str:
    """The zone of a civil date."""
    return next(zone for since, zone in reversed(zones) if since <= on)


def date_of(zones: Zones, at: datetime) -> date:
    """The civil date of an instant, where the patient is then."""
    for since, zone in reversed(zones):
        on = local_date(at, zone)
        if since <= on:
            return on
    raise AssertionError("the first zone holds from the start")


@lru_cache(maxsize=4096)
def day_numbered(day_0: date, zones: Zones, number: int) -> Day:
    """Day `number` of the plans that have this day 0."""
    on = day_0 + number * _ONE_DAY
    zone = zone_on(zones, on)
    end = end_of(on, zone)
    return Day(
        number, on, end, end_of(on - _ONE_DAY, zone) >= end, end_of(on - _ONE_DAY, zone_on(zones, on - _ONE_DAY))
    )


@lru_cache(maxsize=1024)
def days(day_0: date, zones: Zones, length: int) -> tuple[Day, ...]:
    """Days 1 to `length`."""
    return tuple(day_numbered(day_0, zones, number) for number in range(1, length + 1))


@lru_cache(maxsize=1024)
def by_date(day_0: date, zones: Zones, length: int, added: tuple[int, ...]) -> Mapping[date, Day]:
    """The days of a plan, by date: 1 to `length`, and the numbers `added` to it."""
    later = (day_numbered(day_0, zones, number) for number in added)
    return {day.date: day for day in (*days(day_0, zones, length), *later)}


def number_on(day_0: date, on: date) -> int:
    """The number of the day with a civil date; before day 0 it is negative."""
    return (on - day_0).days


def number_at(day_0: date, zones: Zones, at: datetime) -> int:
    """The number of the day in which an instant lies."""
    return number_on(day_0, date_of(zones, at))


def midnight_from(day_0: date, zones: Zones, at: datetime) -> Day:
    """The day closed by the first midnight at or after `at`; it is that of `at` itself, unless `at` is a midnight."""
    day = day_numbered(day_0, zones, number_at(day_0, zones, at) - 1)
    while day.end < at:
        day = day_numbered(day_0, zones, day.number + 1)
    return day
