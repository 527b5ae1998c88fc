"""The civil days of a time zone: what `LocalDate` means, and when a day is over.

A day lasts as long as its zone says, 23 and 25 hours included; a date that the zone left out ends with the one before.
Offsets of the instants are those of the zone at that instant.
"""

from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

_ONE_DAY = timedelta(days=1)
_ONE_MINUTE = timedelta(minutes=1)
_A_MOMENT = timedelta(microseconds=1)


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
