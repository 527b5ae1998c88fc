"""The numbers that treatment judges by: effective-dated, by jurisdiction prefix, each row with its source."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeVar

EVERYWHERE = ""
ALWAYS = date.min

FUTURE_TOLERANCE = timedelta(minutes=5)
"""How far a `resulted_at` may lie after the report came (*default*): what clocks of laboratories differ by."""

CHILD_UNDER_MONTHS = 18 * 12
"""A child is under 18, as for the choice of a hospital (RULES I3); S2 itself names no age."""


class Row(Protocol):
    """An entry of a policy table."""

    @property
    def prefix(self) -> str: ...
    @property
    def effective_from(self) -> date: ...


R = TypeVar("R", bound=Row)


class ProtocolRow(NamedTuple):
    """A version of the national Diagnosis and Treatment Protocol."""

    prefix: str
    effective_from: date
    version: str
    source: str


PROTOCOLS = (
    ProtocolRow(EVERYWHERE, ALWAYS, "v6", "default: before 18 Feb 2020 as trial version 6"),
    ProtocolRow(EVERYWHERE, date(2020, 2, 18), "v6", "Diagnosis and Treatment Protocol, trial version 6"),
    ProtocolRow(EVERYWHERE, date(2020, 3, 3), "v7", "Diagnosis and Treatment Protocol, trial version 7"),
    ProtocolRow(EVERYWHERE, date(2020, 8, 18), "v8", "Diagnosis and Treatment Protocol, trial version 8"),
    ProtocolRow(EVERYWHERE, date(2022, 3, 14), "v9", "Diagnosis and Treatment Protocol, trial version 9"),
    ProtocolRow(EVERYWHERE, date(2023, 1, 5), "v10", "Diagnosis and Treatment Protocol, trial version 10"),
)


class Limits(NamedTuple):
    """What makes a patient of one age severely ill (S2), and what is a fever. None: no such criterion at that age.

    Rates are breaths a minute, temperatures °C (`fever_c` by site), pressures mmHg, shares per cent.
    """

    fever_c: Mapping[str, float]
    rate: float
    spo2: float
    spo2_on_air_only: bool
    pao2_fio2: float | None
    progression: float | None
    high_fever_c: float | None
    high_fever: timedelta


class AgeBand(NamedTuple):
    """Limits for patients under an age in completed months."""

    under_months: float
    limits: Limits


class SeverityRow(NamedTuple):
    """The limits in force, by age, youngest first."""

    prefix: str
    effective_from: date
    source: str
    bands: tuple[AgeBand, ...]


# RULES D1 and F4: the protocol names 37.3 axillary; the other sites are defaults.
_FEVER_C = {"axillary": 37.3, "oral": 37.5, "ear": 37.5, "forehead": 37.5, "rectal": 38.0}
_ADULT = Limits(
    _FEVER_C, 30, 93, spo2_on_air_only=True, pao2_fio2=300, progression=50, high_fever_c=None, high_fever=timedelta.max
)


def _child(rate: float) -> Limits:
    """S2 asks of a child neither PaO₂/FiO₂ nor imaging, and of its SpO₂ not that it breathes air."""
    return Limits(
        _FEVER_C,
        rate,
        93,
        spo2_on_air_only=False,
        pao2_fio2=None,
        progression=None,
        high_fever_c=39.0,
        high_fever=timedelta(days=3),
    )


SEVERITY = (
    SeverityRow(
        EVERYWHERE,
        ALWAYS,
        "Diagnosis and Treatment Protocol, trial version 8, clinical classification (other versions: default)",
        (
            AgeBand(2, _child(60)),
            AgeBand(12, _child(50)),
            # Ages are completed: five years and eleven months are five years, so the band above 5 begins at six.
            AgeBand(6 * 12, _child(40)),
            AgeBand(CHILD_UNDER_MONTHS, _child(30)),
            AgeBand(float("inf"), _ADULT),
        ),
    ),
)


def _in_force(rows: Sequence[R], jurisdiction: str, day: date) -> R:
    """Of the rows for a jurisdiction, the most particular, and of those the newest that `day` has reached."""
    reached = (row for row in rows if jurisdiction.startswith(row.prefix) and row.effective_from <= day)
    return max(reached, key=lambda row: (len(row.prefix), row.effective_from))


@lru_cache(4096)
def protocol_on(jurisdiction: str, day: date) -> str:
    """The version of the protocol in force on a civil day, e.g. `v8`."""
    return _in_force(PROTOCOLS, jurisdiction, day).version


@lru_cache(4096)
def limits_on(jurisdiction: str, day: date, age_months: int) -> Limits:
    """The limits in force on a civil day for a patient of an age in completed months."""
    row = _in_force(SEVERITY, jurisdiction, day)
    return next(band.limits for band in row.bands if age_months < band.under_months)
