"""The numbers of the bulletin: effective-dated, by jurisdiction; nothing of it is a constant of the rules.

A row holds for the jurisdictions whose code begins with its prefix, from its date on; of several the longest prefix
holds, then the latest date. Every number here is a *default* of the house unless its row names another source.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

Value = TypeVar("Value")


class Row(NamedTuple, Generic[Value]):
    """One entry of a policy table: `value` for jurisdictions beginning with `prefix`, from `since` on."""

    prefix: str
    since: date
    value: Value
    source: str


class Band(NamedTuple):
    """An age band: `label`, for ages below `below_years` that no earlier band took; None: for all."""

    label: str
    below_years: int | None


_ALWAYS = date.min

TIME_ZONES: Sequence[Row[str]] = (
    Row("", _ALWAYS, "UTC", "default, where nothing is known of a jurisdiction"),
    Row("CN", _ALWAYS, "Asia/Shanghai", "one legal time for the whole country (IANA tz database)"),
    Row("HK", _ALWAYS, "Asia/Hong_Kong", "IANA tz database"),
    Row("CN-HK", _ALWAYS, "Asia/Hong_Kong", "IANA tz database"),
    Row("MO", _ALWAYS, "Asia/Macau", "IANA tz database"),
    Row("CN-MO", _ALWAYS, "Asia/Macau", "IANA tz database"),
    Row("TW", _ALWAYS, "Asia/Taipei", "IANA tz database"),
    Row("CN-TW", _ALWAYS, "Asia/Taipei", "IANA tz database"),
    Row("SG", _ALWAYS, "Asia/Singapore", "IANA tz database"),
    Row("JP", _ALWAYS, "Asia/Tokyo", "IANA tz database"),
    Row("KR", _ALWAYS, "Asia/Seoul", "IANA tz database"),
)
PUBLISHED_AT: Sequence[Row[time]] = (Row("", _ALWAYS, time(0, 30), "B1: 00:30 on the next civil day, default"),)
CHILD_BELOW_YEARS: Sequence[Row[int]] = (Row("", _ALWAYS, 18, "as in I3: under 18"),)
AGE_BANDS: Sequence[Row[tuple[Band, ...]]] = (
    Row(
        "",
        _ALWAYS,
        (Band("0-5", 6), Band("6-17", 18), Band("18-44", 45), Band("45-59", 60), Band("60+", None)),
        "default: pre-school, school age, and the young, middle and old age of Chinese health statistics",
    ),
)


def in_force(table: Sequence[Row[Value]], jurisdiction: str, on: date) -> Value:
    """The value that holds in a jurisdiction on a civil day."""
    rows = [row for row in table if jurisdiction.startswith(row.prefix) and row.since <= on]
    return max(rows, key=lambda row: (len(row.prefix), row.since)).value


def published_at(jurisdiction: str, day: date) -> datetime:
    """The instant from which on the bulletin of a day may be said, at the jurisdiction's own offset (B1)."""
    zone = ZoneInfo(in_force(TIME_ZONES, jurisdiction, day))
    wall = datetime.combine(day + timedelta(days=1), in_force(PUBLISHED_AT, jurisdiction, day), zone)
    return wall.replace(tzinfo=timezone(wall.utcoffset() or timedelta(0)))


def is_child(jurisdiction: str, day: date, age_in_months: int) -> bool:
    """Whether somebody of this age is a child case (B4)."""
    below_years = in_force(CHILD_BELOW_YEARS, jurisdiction, day)
    return age_in_months < 12 * below_years


def age_band(jurisdiction: str, day: date, age_in_months: int) -> str:
    """The label of the band into which an age falls in the tables of a day."""
    bands = in_force(AGE_BANDS, jurisdiction, day)
    return next(band.label for band in bands if band.below_years is None or age_in_months < 12 * band.below_years)
