"""The numbers of the bulletin: effective-dated, by jurisdiction; each a *default* unless its row names a source."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from typing import Final, NamedTuple, get_args
from zoneinfo import ZoneInfo

from schemas.reference import ALWAYS, EVERYWHERE, Row, in_force, time_zone_of
from schemas.values import Severity


class Band(NamedTuple):
    """An age band: `label`, for ages below `below_years` that no earlier band took; None: for all."""

    label: str
    below_years: int | None


UNKNOWN_ZONE = "UTC"
"""Of a jurisdiction whose zone nobody has named (*default*)."""

PUBLISHED_AT: Sequence[Row[time]] = (Row(EVERYWHERE, ALWAYS, time(0, 30), "B1: 00:30 on the next civil day, default"),)
AGE_BANDS: Sequence[Row[tuple[Band, ...]]] = (
    Row(
        EVERYWHERE,
        ALWAYS,
        (Band("0-5", 6), Band("6-17", 18), Band("18-44", 45), Band("45-59", 60), Band("60+", None)),
        "default: pre-school, school age, and the young, middle and old age of Chinese health statistics",
    ),
)


UNKNOWN = "unknown"
"""In the tables of a day: of whom nobody has said it."""

MAINLAND: Final = "CN"
OTHER_PARTS: Final = ("CN-HK", "CN-MO", "CN-TW")
APART: Sequence[Row[bool]] = (
    Row(EVERYWHERE, ALWAYS, False, "B1: only mainland China counted asymptomatic infections apart"),
    Row(MAINLAND, date(2020, 4, 1), True, "National Health Commission: published apart from 1 April 2020"),
    Row(MAINLAND, date(2023, 1, 5), False, "trial version 10"),
    *(Row(part, ALWAYS, False, "not mainland China") for part in OTHER_PARTS),
)
COUNTRIES: Final = 249
"""Of ISO 3166-1, each a category of a table."""
SMALLEST_SHOWN: Sequence[Row[int]] = (Row(EVERYWHERE, ALWAYS, 5, "B5: default; at least 3"),)
SURVEILLED: Sequence[Row[bool]] = (
    Row(EVERYWHERE, ALWAYS, True, "default: every day"),
    Row(MAINLAND, ALWAYS, False, "not yet a notifiable disease"),
    Row(MAINLAND, date(2020, 1, 20), True, "class B, managed as class A: announcement 1 of 2020"),
    Row(MAINLAND, date(2023, 1, 9), False, "it left the management of class A on 8 January 2023"),
)


@cache
def counts_asymptomatic_apart(jurisdiction: str, day: date) -> bool:
    """Whether asymptomatic infections found on a civil day are counted apart from confirmed cases (B1)."""
    return in_force(APART, jurisdiction, day)


@cache
def is_surveilled(jurisdiction: str, day: date) -> bool:
    """Whether a bulletin of a civil day is published (B1); of another day it is counted, and answered when asked."""
    return in_force(SURVEILLED, jurisdiction, day)


def zone_of(jurisdiction: str) -> ZoneInfo:
    """The time zone of the civil days of a jurisdiction."""
    return ZoneInfo(time_zone_of(jurisdiction) or UNKNOWN_ZONE)


def smallest_shown(jurisdiction: str, day: date) -> int:
    """k: the smallest cell that the public edition of a day may show (B5)."""
    return in_force(SMALLEST_SHOWN, jurisdiction, day)


def categories(jurisdiction: str, day: date) -> dict[str, int]:
    """Table of a day's discharges → in how many categories whoever guesses would look for a case (B5).

    Not in `unknown`, and no confirmed case is asymptomatic: a guess that leaves them out must not succeed either.
    """
    return {
        "by_origin_country": COUNTRIES,
        "by_severity": len(set(get_args(Severity)) - {"asymptomatic"}),
        "by_age_band": len(in_force(AGE_BANDS, jurisdiction, day)),
        "by_nationality": COUNTRIES,
    }


def published_at(jurisdiction: str, day: date) -> datetime:
    """The instant from which on the bulletin of a day may be said, at the jurisdiction's own offset (B1)."""
    wall = datetime.combine(day + timedelta(days=1), in_force(PUBLISHED_AT, jurisdiction, day), zone_of(jurisdiction))
    return wall.replace(tzinfo=timezone(wall.utcoffset() or timedelta(0)))


def age_band(jurisdiction: str, day: date, age_in_months: int | None) -> str:
    """The label of the band into which an age falls in the tables of a day; `unknown` where nobody has said it."""
    if age_in_months is None:
        return UNKNOWN
    bands = in_force(AGE_BANDS, jurisdiction, day)
    return next(band.label for band in bands if band.below_years is None or age_in_months < 12 * band.below_years)
