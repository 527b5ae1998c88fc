"""Instants and civil dates as they are written: RFC 3339 and ISO 8601 text, or `datetime` and `date` of our code."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache

from pydantic_core import PydanticCustomError

EARLIEST_YEAR, LATEST_YEAR = 1900, 2200
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_LEAP_SECOND = re.compile(r":60(\.\d+)?(?=[Zz+-])")
_BEFORE_MIDNIGHT = (23, 59)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@lru_cache(maxsize=4096)
def parse_instant(written: str) -> datetime:
    """The instant that an RFC 3339 text names, with the offset as written.

    A leap second (`23:59:60`, as written or in UTC) is the last microsecond of its minute: no `datetime` can hold it,
    and so it stays on its day, after all that came before it.

    Raises PydanticCustomError `instant_form` (no such form, or no offset), `instant_invalid` (no such day or second)
    and `instant_range` (outside the years 1900 to 2200).
    """
    if not _RFC_3339.fullmatch(written):
        raise PydanticCustomError("instant_form", "not an RFC 3339 instant with an offset")
    plain = _LEAP_SECOND.sub(":59.999999", written)
    try:
        instant = datetime.fromisoformat(plain.upper())
        exists = plain is written or _ends_a_day(instant)
    except (ValueError, OverflowError):
        exists = False
    if not exists:
        raise PydanticCustomError("instant_invalid", "no such instant")
    if not EARLIEST_YEAR <= instant.year <= LATEST_YEAR:
        raise PydanticCustomError("instant_range", "outside the years 1900 to 2200")
    return instant


def _ends_a_day(instant: datetime) -> bool:
    """Whether it lies in the last minute of a day where it was written, or in UTC."""
    written, utc = instant, instant.astimezone(UTC)
    return any((at.hour, at.minute) == _BEFORE_MIDNIGHT for at in (written, utc))


def parse_date(written: str) -> date:
    """The civil date that `YYYY-MM-DD` names. Raises PydanticCustomError `date_form`, `date_invalid`, `date_range`."""
    if not _ISO_DATE.fullmatch(written):
        raise PydanticCustomError("date_form", "not a date YYYY-MM-DD")
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise PydanticCustomError("date_invalid", "no such day") from None
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise PydanticCustomError("date_range", "outside the years 1900 to 2200")
    return day


def instant_from(given: object) -> datetime:
    if isinstance(given, str):
        return parse_instant(given)
    if isinstance(given, datetime) and given.utcoffset() is not None:
        return given
    raise PydanticCustomError("instant_type", "not an instant")


def date_from(given: object) -> date:
    if isinstance(given, str):
        return parse_date(given)
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    raise PydanticCustomError("date_type", "not a date")
