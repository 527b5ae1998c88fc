"""The numbers that discharge decides by: effective-dated, by jurisdiction, each with its source.

The protocol in force at the clinical date decides, so that a replay years later gives the same answer.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple


class TwoNegatives(NamedTuple):
    """How far apart the first and the last of the negatives are collected (D4).

    `apart`: at least so long; None where it is enough that the civil days differ. `negative_from_ct`: a test whose Ct
    values all reach it counts as negative.
    """

    apart: timedelta | None
    negative_from_ct: float | None = None


class Protocol(NamedTuple):
    """One trial version of the Diagnosis and Treatment Protocol, as far as it concerns discharge.

    `normal_for`: the temperature has been normal for longer than this, and was measured on each of the `measured_days`
    civil days before (D1). `persistent_after`: still detected longer than this after the first positive, the panel may
    override D4 (D5). `plan_days`: the civil days of the plan after discharge (D8, F1).
    """

    name: str
    effective_from: date
    normal_for: timedelta
    measured_days: int
    two_negatives: TwoNegatives | None
    persistent_after: timedelta | None
    plan_days: int
    source: str


_PROTOCOL: Final = "Diagnosis and Treatment Protocol for COVID-19, trial version"
_HOURS_24, _HOURS_72, _DAYS_28 = timedelta(hours=24), timedelta(hours=72), timedelta(days=28)

PROTOCOLS: Final[Mapping[str, tuple[Protocol, ...]]] = {
    "CN": (
        Protocol("v6", date(2020, 2, 18), _HOURS_72, 3, TwoNegatives(None), None, 14, f"{_PROTOCOL} 6"),
        Protocol("v7", date(2020, 3, 3), _HOURS_72, 3, TwoNegatives(_HOURS_24), None, 14, f"{_PROTOCOL} 7"),
        Protocol("v8", date(2020, 8, 18), _HOURS_72, 3, TwoNegatives(_HOURS_24), _DAYS_28, 14, f"{_PROTOCOL} 8"),
        Protocol("v9", date(2022, 3, 14), _HOURS_72, 3, TwoNegatives(_HOURS_24, 35.0), _DAYS_28, 7, f"{_PROTOCOL} 9"),
        Protocol("v10", date(2023, 1, 5), _HOURS_24, 1, None, None, 0, f"{_PROTOCOL} 10"),
    ),
}
"""By jurisdiction prefix, oldest first. Before the first row its numbers hold (*default*)."""

NATIONAL: Final = "CN"
"""Whose table holds for a jurisdiction that has none of its own, or is not known yet (*default*)."""

NORMAL_BELOW_C: Final[Mapping[str, float]] = {
    "axillary": 37.3,
    "oral": 37.5,
    "ear": 37.5,
    "forehead": 37.5,
    "rectal": 38.0,
}
"""Normal is below this, °C, by site of measurement. Source: trial versions 6 to 10 (axillary); else *default* (D1)."""

RESPIRATORY_SPECIMENS: Final = frozenset({"nasopharyngeal", "oropharyngeal", "sputum", "bronchoalveolar"})
"""The specimens that D4 looks at."""

NUCLEIC_ACID_TESTS: Final = frozenset(
    {
        *("94306-8", "94309-2", "94500-6", "94531-1", "94565-9", "94759-8", "94845-5", "95406-5"),  # RNA
        *("94559-2",),  # ORF1ab
        *("94314-2", "94534-5"),  # RdRp
        *("94315-9",),  # E
        *("94316-7", "94533-7", "95409-9", "95425-5"),  # N
        *("94640-0",),  # S
    }
)
"""LOINC codes of the nucleic acid tests for SARS-CoV-2 (a *NAT*), the same at intake.

Source: LOINC, SARS-CoV-2 and COVID-19 related terms.
"""

CONFLICT_AFTER: Final = timedelta(hours=24)
"""How long a discharge that no admission explains waits before it is answered (*default*)."""

TIME_ZONES: Final[Mapping[str, str]] = {
    "CN": "Asia/Shanghai",
    "CN-HK": "Asia/Hong_Kong",
    "CN-MO": "Asia/Macau",
    "CN-TW": "Asia/Taipei",
}
"""The default zone of a jurisdiction, by its longest prefix. Source: IANA time zone database, zone1970.tab."""

DEFAULT_TIME_ZONE: Final = TIME_ZONES[NATIONAL]


def protocol_on(day: date, jurisdiction: str | None) -> Protocol:
    """The protocol in force on a civil day."""
    table = PROTOCOLS[_prefix(PROTOCOLS, jurisdiction) or NATIONAL]
    for protocol in reversed(table):
        if protocol.effective_from <= day:
            return protocol
    return table[0]


def in_force_from(protocol: Protocol, jurisdiction: str | None) -> date | None:
    """The civil day from which a protocol has been in force; None for the first, which holds before its day too."""
    table = PROTOCOLS[_prefix(PROTOCOLS, jurisdiction) or NATIONAL]
    return None if protocol is table[0] else protocol.effective_from


def next_protocol(protocol: Protocol, jurisdiction: str | None) -> Protocol | None:
    """The protocol that follows, if any."""
    table = PROTOCOLS[_prefix(PROTOCOLS, jurisdiction) or NATIONAL]
    after = table.index(protocol) + 1
    return table[after] if after < len(table) else None


def time_zone_of(jurisdiction: str) -> str | None:
    """The default IANA zone of a jurisdiction; None where the table has none."""
    prefix = _prefix(TIME_ZONES, jurisdiction)
    return TIME_ZONES[prefix] if prefix else None


def _prefix(table: Mapping[str, object], jurisdiction: str | None) -> str | None:
    if jurisdiction is None:
        return None
    if jurisdiction in table:
        return jurisdiction
    country = jurisdiction.partition("-")[0]
    return country if country in table else None
