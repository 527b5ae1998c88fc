"""Who asks: pseudonyms with an age, a district and what makes somebody be seen before others."""

from dataclasses import dataclass
from random import Random
from typing import Final, NamedTuple

from schemas.values import Age
from story.publication import named

CHILD_YEARS: Final = 18
_AGES: Final = ((0, 5, 12), (6, 17, 10), (18, 29, 18), (30, 44, 27), (45, 59, 16), (60, 74, 12), (75, 93, 5))
"""First and last year, and how many in a hundred of those who ask."""
_CHILDRENS_AGES: Final = ((0, 2, 34), (3, 6, 40), (7, 14, 26))
_AGE_UNKNOWN_SHARE: Final = 0.02
_PREGNANT_SHARE: Final = 0.05
_DIALYSIS_SHARE: Final = 0.006


class _Illness(NamedTuple):
    from_years: int
    share: float


_COMORBID: Final = (_Illness(75, 0.55), _Illness(60, 0.4), _Illness(45, 0.15), _Illness(18, 0.04), _Illness(0, 0.02))


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who asks, as far as anybody on the bus may know."""

    ref: str
    jurisdiction: str
    district: str
    age: Age | None
    groups: tuple[str, ...] = ()

    @property
    def is_child(self) -> bool:
        return self.age is not None and self.age.months < CHILD_YEARS * 12

    @property
    def goes_first(self) -> bool:
        """Whether this is one of those who are answered before others (C3)."""
        return self.is_child or bool(self.groups)


def ref(*names: str | int) -> str:
    """The pseudonym of the person with these names."""
    return f"p-{named('asker', *names).hex[:12]}"


def asker(person_ref: str, chance: Random, jurisdiction: str, district: str, *, child: bool = False) -> Asker:
    """Anybody, or a child."""
    first, last, _ = chance.choices(*_weighted(_CHILDRENS_AGES if child else _AGES))[0]
    years = chance.randint(first, last)
    groups = () if child else _groups(chance, years)
    if not child and chance.random() < _AGE_UNKNOWN_SHARE:
        return Asker(person_ref, jurisdiction, district, None, groups)
    age = Age(value=chance.randint(2, 23), unit="mo") if years < 2 else Age(value=years, unit="a")
    return Asker(person_ref, jurisdiction, district, age, groups)


def _groups(chance: Random, years: int) -> tuple[str, ...]:
    ill = next(illness.share for illness in _COMORBID if years >= illness.from_years)
    shares = {
        "pregnant": _PREGNANT_SHARE if 20 <= years <= 42 else 0.0,
        "dialysis": _DIALYSIS_SHARE if years >= CHILD_YEARS else 0.0,
        "comorbid": ill,
    }
    return tuple(group for group, share in shares.items() if chance.random() < share)


def _weighted(ages: tuple[tuple[int, int, int], ...]) -> tuple[tuple[tuple[int, int, int], ...], list[int]]:
    return ages, [weight for _, _, weight in ages]
