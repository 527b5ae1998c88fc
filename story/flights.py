"""Where the travellers of each season came from, and by which flight: (share, origin, by way of, flight)."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Final, NamedTuple

from story.people import Journey
from story.publication import named


class Route(NamedTuple):
    """A way to Pudong; `nights`: civil days between leaving and arriving."""

    share: int
    origin: str
    transit: tuple[str, ...]
    flight: str
    nights: int = 1


_SPRING: Final = (
    Route(9, "GB", (), "MU552"),
    Route(6, "US", (), "MU588"),
    Route(4, "IT", ("CH",), "LX188"),
    Route(4, "FR", (), "MU570"),
    Route(3, "ES", ("RU",), "SU206"),
    Route(2, "IR", ("AE",), "EK302"),
    Route(2, "CH", (), "LX188"),
    Route(2, "DE", (), "LH728"),
)
_RUSSIA: Final = (
    Route(8, "RU", (), "SU208"),
    Route(2, "US", (), "MU588"),
    Route(2, "GB", (), "MU552"),
)
_SUMMER: Final = (
    Route(4, "US", ("KR",), "KE895", 2),
    Route(3, "BD", (), "MU2036", 0),
    Route(3, "AE", (), "EY862"),
    Route(3, "RU", (), "SU208"),
    Route(3, "IN", ("SG",), "SQ830", 2),
    Route(2, "GB", (), "MU552"),
    Route(2, "SA", ("AE",), "EK302"),
    Route(2, "PH", (), "PR336", 0),
)
_AUTUMN: Final = (
    Route(7, "PH", (), "MU212", 0),
    Route(5, "US", ("JP",), "NH959", 2),
    Route(4, "IN", ("AE",), "EY862"),
    Route(3, "FR", (), "MU570"),
    Route(3, "AE", (), "EK302"),
    Route(3, "ET", (), "ET684"),
    Route(3, "RU", (), "SU208"),
    Route(2, "UA", ("NL",), "KL895", 2),
    Route(2, "ID", (), "MU5030", 0),
    Route(2, "GB", (), "MU552"),
    Route(1, "NG", ("ET",), "ET684", 2),
)
_SEASONS: Final = (
    (date(2020, 4, 8), _SPRING),
    (date(2020, 4, 25), _RUSSIA),
    (date(2020, 7, 25), _SUMMER),
    (date(2020, 12, 31), _AUTUMN),
)
_PURPOSES: Final = ("work", "study", "return home", "visit family")


def journey(dice: Random, arrived_at: datetime) -> Journey:
    """How a traveller of that day came; now and then a family or a crew travels together."""
    routes = next(routes for last, routes in _SEASONS if arrived_at.date() <= last)
    route = dice.choices(routes, [route.share for route in routes])[0]
    arrived_on = arrived_at.date()
    together = dice.random() < 0.1
    return Journey(
        origin=route.origin,
        transit=route.transit,
        flight=route.flight,
        departed_on=arrived_on - timedelta(days=route.nights),
        arrived_at=arrived_at,
        party_id=party(f"{route.flight}/{arrived_on}") if together else None,
        purpose=dice.choice(_PURPOSES),
    )


def party(name: str) -> str:
    """The id of people who travel together."""
    return f"party-{named('party', name).hex[:12]}"


def nationality(dice: Random, origin: str) -> str:
    """Most who came in 2020 were Chinese nationals returning."""
    return "CN" if dice.random() < 0.86 else origin
