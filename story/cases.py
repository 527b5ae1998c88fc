"""Everybody of the story: the dates of the schedule given to people, and to a few of them something unusual."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from story.flights import journey, nationality
from story.known import SIX, known_cases
from story.people import Case, Twist, resident, severity, symptoms, traveller
from story.publication import at, case_id, dice
from story.schedule import Dates, imported, local

TWISTS: Final[tuple[Twist, ...]] = (
    "revoked_by_correction",
    "revoked_by_correction",
    "revoked_by_late_result",
    "cancelled",
    "cancelled",
    "approval_missing",
    "negatives_too_close",
    "temperature_unmeasured",
    "positive_on_day_7",
    "positive_on_day_7",
    "positive_on_day_14",
)
"""Each happens to somebody who was discharged in the months that no published figure looks into."""
_TWISTED_FROM, _TWISTED_UNTIL = date(2020, 3, 25), date(2020, 9, 20)
_LONG_ENOUGH: Final[dict[Twist, timedelta]] = {
    "revoked_by_correction": timedelta(days=26),
    "revoked_by_late_result": timedelta(days=26),
    "cancelled": timedelta(days=17),
}
_DAYS_SINCE_ARRIVAL: Final = (1, 2, 3, 4, 6, 10)
_SHARES: Final = (50, 22, 12, 8, 5, 3)


def cases(seed: int) -> tuple[Case, ...]:
    """The 1,085 cases confirmed in Shanghai until 17 October 2020."""
    chance = dice(seed, "schedule")
    travelled = [
        _imported(seed, f"imported-{number:03}", dates) for number, dates in enumerate(imported(chance, len(SIX)), 1)
    ]
    resident_here = [_local(seed, f"local-{number:03}", dates) for number, dates in enumerate(local(chance), 1)]
    return (*_with_twists(chance, [*travelled, *resident_here]), *known_cases(seed))


def _imported(seed: int, name: str, dates: Dates) -> Case:
    chance = dice(seed, "person", name)
    days = chance.choices(_DAYS_SINCE_ARRIVAL, _SHARES)[0]
    way = journey(chance, at(dates.confirmed_on - timedelta(days=days), chance.uniform(5, 22)))
    how_ill = severity(chance, severe_share=0.02)
    return Case(
        name=name,
        case_id=case_id(name),
        person=traveller(name, chance, nationality(chance, way.origin)),
        journey=way,
        confirmed_at=_confirmed_at(chance, dates.confirmed_on),
        left_at=_left_at(chance, dates),
        severity=how_ill,
        symptoms=symptoms(chance, how_ill),
    )


def _local(seed: int, name: str, dates: Dates) -> Case:
    chance = dice(seed, "person", name)
    how_ill = "critical" if dates.died else severity(chance, severe_share=0.06)
    return Case(
        name=name,
        case_id=case_id(name),
        person=resident(name, chance, elderly=dates.died),
        journey=None,
        confirmed_at=_confirmed_at(chance, dates.confirmed_on),
        left_at=_left_at(chance, dates),
        severity=how_ill,
        symptoms=symptoms(chance, how_ill),
        died=dates.died,
    )


def _confirmed_at(chance: Random, day: date) -> datetime:
    return at(day, chance.uniform(8.5, 21.5))


def _left_at(chance: Random, dates: Dates) -> datetime:
    return at(dates.left_on, chance.uniform(1, 23) if dates.died else chance.uniform(10, 15.5))


def _with_twists(chance: Random, ordinary: list[Case]) -> list[Case]:
    """Something unusual for a few, each of them another person."""
    twisted: dict[str, Twist] = {}
    for twist in TWISTS:
        able = [case.name for case in ordinary if case.name not in twisted and _able(case, twist)]
        twisted[chance.choice(able)] = twist
    return [replace(case, twist=twisted.get(case.name, "ordinary")) for case in ordinary]


def _able(case: Case, twist: Twist) -> bool:
    in_months = _TWISTED_FROM <= case.left_at.date() <= _TWISTED_UNTIL
    stayed = case.left_at - case.confirmed_at
    return in_months and not case.died and case.severity != "severe" and stayed >= _LONG_ENOUGH.get(twist, timedelta())
