"""Arrivals who never become cases: tested negative, or positive by mistake and cleared of it soon after."""

from datetime import date, datetime, timedelta
from typing import Final

from schemas.values import ResultStatus
from story.arrival import arrives
from story.chart import Chart
from story.flights import journey, nationality
from story.hospital import discharged
from story.known import guardian_journey
from story.laboratory import collect, hours, result, swab
from story.people import adult, traveller
from story.publication import at, dice
from story.ward import admitted

NEGATIVE_ARRIVALS: Final = 30
CLEARED: Final[tuple[ResultStatus, ...]] = ("corrected", "corrected", "corrected", "retracted", "retracted")
"""How the one positive result of each falsely positive arrival ended."""
_NEGATIVE_BETWEEN: Final = (date(2020, 3, 5), date(2020, 10, 12))
_CLEARED_BETWEEN: Final = (date(2020, 4, 5), date(2020, 9, 20))


def strangers(seed: int) -> tuple[Chart, ...]:
    """The child's mother, some who were negative, and those who were never ill."""
    negative = (_negative(seed, f"negative-{number:02}") for number in range(1, NEGATIVE_ARRIVALS))
    cleared = (_cleared(seed, f"cleared-{number}", status) for number, status in enumerate(CLEARED, 1))
    return (_mother(seed), *negative, *cleared)


def _mother(seed: int) -> Chart:
    chart = Chart(seed, "mother")
    way = guardian_journey()
    arrives(chart, adult("mother", dice(seed, "person", "mother"), ages=(27, 36)), way)
    _negative_twice(chart, way.arrived_at)
    return chart


def _negative(seed: int, name: str) -> Chart:
    chart = Chart(seed, name)
    _negative_twice(chart, _arrives(seed, chart, name, _NEGATIVE_BETWEEN))
    return chart


def _negative_twice(chart: Chart, arrived_at: datetime) -> None:
    """On arrival, and for some once more before the end of central isolation."""
    swab(chart, arrived_at + hours(chart, 0.6, 2), "not_detected", "entry_screening")
    if chart.dice.random() < 0.6:
        swab(chart, arrived_at + timedelta(days=4) + hours(chart, 1, 9), "not_detected", "entry_screening")


def _cleared(seed: int, name: str, status: ResultStatus) -> Chart:
    """Positive at the port, then corrected or retracted; the first of them was in hospital by then."""
    chart = Chart(seed, name)
    arrived_at = _arrives(seed, chart, name, _CLEARED_BETWEEN)
    specimen = collect(chart, arrived_at + hours(chart, 0.6, 2), "entry_screening")
    found_at = specimen.collected_at + hours(chart, 8, 12)
    cleared_at = found_at + hours(chart, 18, 40)
    result(chart, specimen, "detected", found_at)
    swab(chart, found_at + hours(chart, 2, 6), "not_detected", "entry_screening")
    result(chart, specimen, "not_detected" if status == "corrected" else "detected", cleared_at, status)
    if name == "cleared-1":
        person = adult(name, dice(seed, "person", name))
        admitted(chart, person, found_at + hours(chart, 2, 5), ())
        discharged(chart, cleared_at + hours(chart, 2, 6), "transferred", "isolation_site")
    return chart


def _arrives(seed: int, chart: Chart, name: str, between: tuple[date, date]) -> datetime:
    """Somebody arrives on a day between two; gives back when."""
    chance = dice(seed, "person", name)
    first, last = between
    way = journey(chance, at(first + timedelta(days=chance.randint(0, (last - first).days)), chance.uniform(5, 22)))
    arrives(chart, traveller(name, chance, nationality(chance, way.origin)), way)
    return way.arrived_at
