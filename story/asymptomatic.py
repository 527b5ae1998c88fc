"""Arrivals who are infected and never fall ill: since April 2020 counted apart, and in no published figure."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from story.flights import journey, nationality
from story.people import Case, traveller
from story.publication import at, case_id, dice

INFECTIONS: Final = 40
"""How many; believable, not published here."""
_FOUND_BETWEEN: Final = (date(2020, 4, 2), date(2020, 9, 28))
_STAY_DAYS: Final = (12, 18)


def infections(seed: int) -> tuple[Case, ...]:
    """Positive on arrival, without symptoms or pneumonia from beginning to end, and released after two negatives."""
    return tuple(_infection(seed, f"asymptomatic-{number:03}") for number in range(1, INFECTIONS + 1))


def _infection(seed: int, name: str) -> Case:
    chance = dice(seed, "person", name)
    first, last = _FOUND_BETWEEN
    found_on = first + timedelta(days=chance.randint(0, (last - first).days))
    way = replace(journey(chance, at(found_on - timedelta(days=1), chance.uniform(5, 22))), party_id=None)
    return Case(
        name=name,
        case_id=case_id(name),
        person=traveller(name, chance, nationality(chance, way.origin)),
        journey=way,
        confirmed_at=at(found_on, chance.uniform(8.5, 21.5)),
        left_at=at(found_on + timedelta(days=chance.randint(*_STAY_DAYS)), chance.uniform(10, 15.5)),
        severity="asymptomatic",
        symptoms=(),
    )
