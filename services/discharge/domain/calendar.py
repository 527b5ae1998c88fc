"""Civil days in a time zone: whatever length they have, and whichever dates the zone skipped."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


class CivilDay(NamedTuple):
    """A date and the instants at which it begins and ends (excluded)."""

    date: date
    begins: datetime
    ends: datetime


def civil_date(instant: datetime, zone: ZoneInfo) -> date:
    """The date on the calendar of `zone` at an instant."""
    return instant.astimezone(zone).date()


@lru_cache(maxsize=4096)
def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a civil day, at the offset then in force; of a skipped date, that of the next."""
    moment = datetime.combine(day, time.min, zone).astimezone(UTC).astimezone(zone)
    return moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta()))


def days_before(instant: datetime, zone: ZoneInfo) -> Iterator[CivilDay]:
    """The civil days before the one that holds `instant`, newest first, without dates that the zone skipped."""
    day = civil_date(instant, zone)
    ends = start_of_day(day, zone)
    while True:
        day -= DAY
        begins = start_of_day(day, zone)
        if begins < ends:
            yield CivilDay(day, begins, ends)
            ends = begins
