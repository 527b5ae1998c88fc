"""The people whom the bulletin of 17 October 2020 tells of: the five confirmed and the six discharged that day.

What the bulletin says of them is written here as it says it (`shanghai/README.md`); what it leaves open is made up.
"""

from datetime import date, datetime, timedelta
from random import Random
from typing import Final, NamedTuple

from schemas.values import Severity
from story.flights import party
from story.people import (
    COUGH,
    DRY_COUGH,
    FATIGUE,
    FEVER,
    SORE_THROAT,
    Case,
    Journey,
    Person,
    adult,
    child_of_13_months,
)
from story.publication import at, case_id, dice


class _Known(NamedTuple):
    """One of the eleven: nationality, way and dates as the bulletin has them; flights and hours are made up."""

    name: str
    nationality: str
    origin: str
    transit: tuple[str, ...]
    flight: str
    departed_on: date
    arrived_at: datetime
    confirmed_at: datetime
    left_at: datetime
    severity: Severity
    symptoms: tuple[str, ...]


def _october(day: int, hour: float) -> datetime:
    return at(date(2020, 10, day), hour)


def _september(day: int, hour: float) -> datetime:
    return at(date(2020, 9, day), hour)


def _november(day: int) -> datetime:
    return at(date(2020, 11, day), 10.5)


_FIVE_KNOWN: Final = (
    _Known("five-1", "CN", "NG", ("ET",), "ET684", date(2020, 10, 12), _october(13, 15.6), _october(17, 9.4),
          _november(4), "common", (FEVER, FATIGUE)),
    _Known("five-2", "CN", "GB", (), "MU552", date(2020, 10, 13), _october(14, 16.1), _october(17, 11.2),
          _november(2), "mild", (SORE_THROAT,)),
    _Known("five-3", "CN", "US", ("DE",), "LH728", date(2020, 10, 13), _october(15, 9.8), _october(17, 14.3),
          _november(6), "common", (DRY_COUGH, FATIGUE)),
    _Known("five-4", "CN", "US", ("JP",), "NH959", date(2020, 10, 15), _october(15, 21.2), _october(17, 16.7),
          _november(3), "common", (FEVER, DRY_COUGH)),
    _Known("five-5", "IT", "IT", ("FI",), "AY87", date(2020, 10, 15), _october(16, 8.3), _october(17, 19.5),
          _november(5), "mild", (FEVER,)),
)  # fmt: skip
_SIX_KNOWN: Final = (
    _Known("child", "CN", "PH", (), "MU212", date(2020, 9, 14), _september(14, 18.4), _september(15, 11.7),
          _october(17, 10.5), "common", (COUGH,)),
    _Known("six-2", "CN", "PH", (), "PR336", date(2020, 9, 26), _september(26, 14.2), _september(27, 13.1),
          _october(17, 11.2), "common", (FEVER, DRY_COUGH)),
    _Known("six-3", "CN", "MR", ("FR",), "AF198", date(2020, 9, 26), _september(27, 12.9), _september(29, 15.8),
          _october(17, 13.4), "mild", (SORE_THROAT,)),
    _Known("six-4", "CN", "FR", (), "MU570", date(2020, 9, 23), _september(24, 7.3), _september(25, 9.6),
          _october(17, 13.9), "common", (FEVER,)),
    _Known("six-5", "CN", "US", ("KR",), "KE895", date(2020, 9, 28), _september(29, 22.1), _october(1, 12.4),
          _october(17, 14.3), "common", (DRY_COUGH, FATIGUE)),
    _Known("six-6", "CN", "ET", (), "ET684", date(2020, 9, 28), _september(29, 16.0), _september(30, 10.2),
          _october(17, 15.1), "mild", (FATIGUE,)),
)  # fmt: skip

_CHILD_NAME: Final = "child"
_YOUNG_OR_MIDDLE_AGED: Final = (22, 48)

CHILD: Final = case_id(_CHILD_NAME)
"""The child of 13 months: positive on arrival in mid-September, a month in hospital, home on 17 October."""
FIVE: Final = tuple(case_id(known.name) for known in _FIVE_KNOWN)
"""The five imported cases confirmed on 17 October, in the order of the bulletin."""
SIX: Final = tuple(case_id(known.name) for known in _SIX_KNOWN)
"""The six discharged on 17 October, the child first."""

CHILD_SILENT_DAY: Final = 5
"""The day of the fourteen on which nobody logs for the child; the call that follows reaches the guardian."""


def known_cases(seed: int) -> tuple[Case, ...]:
    """The five and the six. `seed` decides only what the bulletin leaves open."""
    return tuple(_case(known, seed) for known in (*_FIVE_KNOWN, *_SIX_KNOWN))


def guardian_journey() -> Journey:
    """The mother of the child: on the same flight, tested negative."""
    return _journey(_SIX_KNOWN[0])


def _case(known: _Known, seed: int) -> Case:
    chance = dice(seed, "person", known.name)
    return Case(
        name=known.name,
        case_id=case_id(known.name),
        person=_person(known, chance),
        journey=_journey(known),
        confirmed_at=known.confirmed_at,
        left_at=known.left_at + timedelta(minutes=chance.randint(0, 20)),
        severity=known.severity,
        symptoms=known.symptoms,
    )


def _person(known: _Known, chance: Random) -> Person:
    if known.name == _CHILD_NAME:
        return child_of_13_months(known.name)
    return adult(known.name, chance, known.nationality, _YOUNG_OR_MIDDLE_AGED)


def _journey(known: _Known) -> Journey:
    return Journey(
        origin=known.origin,
        transit=known.transit,
        flight=known.flight,
        departed_on=known.departed_on,
        arrived_at=known.arrived_at,
        party_id=party(_CHILD_NAME) if known.name == _CHILD_NAME else None,
    )
