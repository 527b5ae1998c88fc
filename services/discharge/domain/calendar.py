"""Civil days in a time zone: whatever length they have, and whichever dates the zone skipped."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import convert

from schemas.calendar import end_of

DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


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
