"""The numbers that treatment judges by: effective-dated, by jurisdiction prefix, each row with its source."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from schemas.reference import ALWAYS, CHILD_UNDER_MONTHS, EVERYWHERE, FEVER_FROM_C, Row, in_force

CONFLICT_AFTER = timedelta(hours=24)
"""How long a correction of a result that nobody knows waits before it is answered (*default*)."""
FUTURE_TOLERANCE = timedelta(minutes=5)
"""How far a `resulted_at` may lie after the report came (*default*): what clocks of laboratories differ by."""


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


_ADULT = Limits(
    FEVER_FROM_C,
    30,
    93,
    spo2_on_air_only=True,
    pao2_fio2=300,
    progression=50,
    high_fever_c=None,
    high_fever=timedelta.max,
)


def _child(rate: float) -> Limits:
    """S2 asks of a child neither PaO₂/FiO₂ nor imaging, and of its SpO₂ not that it breathes air."""
    return Limits(
        FEVER_FROM_C,
        rate,
        93,
        spo2_on_air_only=False,
        pao2_fio2=None,
        progression=None,
        high_fever_c=39.0,
        high_fever=timedelta(days=3),
    )


SEVERITY: Sequence[Row[tuple[AgeBand, ...]]] = (
    Row(
        EVERYWHERE,
        ALWAYS,
        (
            AgeBand(2, _child(60)),
            AgeBand(12, _child(50)),
            AgeBand(5 * 12 + 1, _child(40)),  # above five years: above 60 months
            AgeBand(CHILD_UNDER_MONTHS, _child(30)),
            AgeBand(float("inf"), _ADULT),
        ),
        "Diagnosis and Treatment Protocol, trial version 8, clinical classification (other versions: default)",
    ),
)


@cache
def limits_on(jurisdiction: str, day: date, age_months: int | None) -> Limits:
    """The limits in force on a civil day for a patient of an age in completed months; not known: an adult's."""
    bands = in_force(SEVERITY, jurisdiction, day)
    return next(
        band.limits for band in bands if (CHILD_UNDER_MONTHS if age_months is None else age_months) < band.under_months
    )
