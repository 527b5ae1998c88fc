"""How many on which day: dates of confirmation and of leaving the ward, such that the published figures hold.

Published are two days (`published.py`); the waves before them are believable, not published, and say how many of the
cases known by 16 October were confirmed between two days. What was left over in hospital then goes on leaving after
17 October; of those days no published figure is kept here.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from story.published import PublishedDay, published

EVE: Final = date(2020, 10, 16)
DAY: Final = date(2020, 10, 17)
"""The two days of the published figures; on DAY exactly the five are confirmed and exactly the six discharged."""

Wave = tuple[date, date, int]

IMPORTED_WAVES: Final[tuple[Wave, ...]] = (
    (date(2020, 3, 5), date(2020, 3, 14), 16),
    (date(2020, 3, 15), date(2020, 3, 20), 42),
    (date(2020, 3, 21), date(2020, 3, 31), 116),
    (date(2020, 4, 1), date(2020, 4, 9), 38),
    (date(2020, 4, 10), date(2020, 4, 14), 78),
    (date(2020, 4, 15), date(2020, 4, 30), 22),
    (date(2020, 5, 1), date(2020, 5, 31), 24),
    (date(2020, 6, 1), date(2020, 6, 30), 36),
    (date(2020, 7, 1), date(2020, 7, 31), 50),
    (date(2020, 8, 1), date(2020, 8, 31), 138),
    (date(2020, 9, 1), date(2020, 9, 30), 103),
    (date(2020, 10, 1), EVE, 69),
)
"""First day, last day, cases: without the six of 17 October, whose dates are told."""

LOCAL_WAVES: Final[tuple[Wave, ...]] = (
    (date(2020, 1, 20), date(2020, 1, 20), 2),
    (date(2020, 1, 21), date(2020, 1, 25), 38),
    (date(2020, 1, 26), date(2020, 1, 31), 113),
    (date(2020, 2, 1), date(2020, 2, 5), 101),
    (date(2020, 2, 6), date(2020, 2, 10), 48),
    (date(2020, 2, 11), date(2020, 2, 19), 32),
    (date(2020, 2, 20), date(2020, 2, 29), 3),
    (date(2020, 3, 1), date(2020, 3, 15), 5),
)
DEATHS: Final = (
    date(2020, 1, 28),
    date(2020, 2, 13),
    date(2020, 2, 17),
    date(2020, 2, 24),
    date(2020, 3, 8),
    date(2020, 3, 21),
    date(2020, 4, 2),
)
_DAYS_TO_DEATH: Final = 6
_SHORTEST_STAY_DAYS: Final = 11


@dataclass(frozen=True, slots=True)
class Dates:
    """The civil days of one case: confirmed, and out of the hospital (`died` there, or discharged)."""

    confirmed_on: date
    left_on: date
    died: bool = False

    @property
    def stay_days(self) -> int:
        return (self.left_on - self.confirmed_on).days


def imported(dice: Random, published_discharges: int) -> list[Dates]:
    """The imported cases, in order of confirmation, but the five and the six.

    `told_discharges`: how many of those discharged on DAY are told elsewhere.
    """
    confirmed = _spread(IMPORTED_WAVES, dice)
    planned = sorted((day + timedelta(days=_imported_stay(dice)), day) for day in confirmed)
    leaving = _figures(DAY).imported_discharged - published_discharges
    before = [Dates(day, _by_the_eve(left_on, dice)) for left_on, day in planned[:leaving]]
    after = [Dates(day, _past_the_day(left_on, dice)) for left_on, day in planned[leaving:]]
    return sorted(before + after, key=lambda dates: dates.confirmed_on)


def local(dice: Random) -> list[Dates]:
    """The local cases, in order of confirmation: all out of hospital by the summer, the dead among them."""
    confirmed = _spread(LOCAL_WAVES, dice)
    dead = _who_dies(confirmed, dice)
    stays = (
        Dates(day, dead[number], died=True) if number in dead else Dates(day, day + timedelta(days=_local_stay(dice)))
        for number, day in enumerate(confirmed)
    )
    return list(stays)


def _figures(day: date) -> PublishedDay:
    return published()[day]


def _spread(waves: tuple[Wave, ...], dice: Random) -> list[date]:
    return sorted(
        first + timedelta(days=dice.randint(0, (last - first).days))
        for first, last, cases in waves
        for _ in range(cases)
    )


def _imported_stay(dice: Random) -> int:
    return round(dice.triangular(_SHORTEST_STAY_DAYS, 27, 13))


def _local_stay(dice: Random) -> int:
    if dice.random() < 0.03:
        return dice.randint(46, 75)
    return round(dice.triangular(_SHORTEST_STAY_DAYS, 40, 16))


def _by_the_eve(left_on: date, dice: Random) -> date:
    return left_on if left_on <= EVE else EVE - timedelta(days=dice.randint(0, 2))


def _past_the_day(left_on: date, dice: Random) -> date:
    return left_on if left_on > DAY else DAY + timedelta(days=dice.randint(1, 5))


def _who_dies(confirmed: list[date], dice: Random) -> dict[int, date]:
    """Position in `confirmed` → the day of death, at least some days after the confirmation."""
    dead: dict[int, date] = {}
    for died_on in DEATHS:
        latest = died_on - timedelta(days=_DAYS_TO_DEATH)
        earliest = died_on - timedelta(days=35)
        able = [n for n, day in enumerate(confirmed) if earliest <= day <= latest and n not in dead]
        dead[dice.choice(able)] = died_on
    return dead
