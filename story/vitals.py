"""Vital signs: what is normal at each age, and what fever and breathlessness look like."""

from datetime import datetime
from typing import Final, NamedTuple

from schemas.reports.treatment import VitalSignsReported
from story.chart import FROM_HOSPITAL, Chart
from story.people import Case

NORMAL_AXILLARY_C: Final = (36.2, 37.0)
_FEVER_AXILLARY_C: Final = (37.4, 38.7)
_NORMAL_SPO2: Final = (96, 99)
_LOW_SPO2: Final = (88, 92)


class _Rates(NamedTuple):
    """Respirations and heart beats a minute of those younger than `under_months`, at rest and when short of breath."""

    under_months: int
    breaths: tuple[int, int]
    short_of_breath: tuple[int, int]
    beats: tuple[int, int]


_RATES: Final = (
    _Rates(72, (22, 28), (42, 50), (100, 126)),
    _Rates(216, (16, 22), (32, 38), (74, 100)),
    _Rates(9_999, (14, 20), (30, 34), (60, 92)),
)


def measured(chart: Chart, case: Case, moment: datetime, *, ill: bool) -> None:
    """One round. `ill`: with fever, and in the severe also short of breath (on air)."""
    rates = next(rates for rates in _RATES if case.person.age.months < rates.under_months)
    breathless = ill and case.severity in {"severe", "critical"}
    breaths = rates.short_of_breath if breathless else rates.breaths
    chart.write(
        VitalSignsReported(
            case_id=chart.case_id,
            measured_at=moment,
            temperature_c=temperature(chart, *(_FEVER_AXILLARY_C if ill else NORMAL_AXILLARY_C)),
            temperature_site="axillary",
            spo2_percent=float(chart.dice.randint(*(_LOW_SPO2 if breathless else _NORMAL_SPO2))),
            respiratory_rate_per_min=float(chart.dice.randint(*breaths)),
            heart_rate_per_min=float(chart.dice.randint(*rates.beats)),
        ),
        FROM_HOSPITAL,
    )


def temperature(chart: Chart, least: float, most: float) -> float:
    """Degrees Celsius with one decimal, as a thermometer shows it."""
    return round(chart.dice.uniform(least, most), 1)
