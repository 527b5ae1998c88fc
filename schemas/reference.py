"""Reference data that several services must read alike, and the shape of every effective-dated table.

A row holds for the jurisdictions whose code begins with its prefix, from its date on; of several the longest prefix
holds, then the latest date. So a replay years later judges by what was in force then. *default*: no source gives it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Final, Generic, NamedTuple, TypeVar

Value = TypeVar("Value")


class Row(NamedTuple, Generic[Value]):
    """One entry of a policy table: `value` for jurisdictions beginning with `prefix`, from `since` on."""

    prefix: str
    since: date
    value: Value
    source: str


EVERYWHERE: Final = ""
ALWAYS: Final = date.min


EARLIEST_DAY: Final = date(2019, 12, 1)
"""Nobody was tested, admitted, confirmed or discharged before the first known patient fell ill (*default*).

Source: Huang et al., The Lancet, 24 January 2020: onset of the first patient identified.
"""


def in_force(table: Sequence[Row[Value]], jurisdiction: str, on: date) -> Value:
    """The value that holds in a jurisdiction on a civil day. Raises ValueError when no row has begun."""
    rows = [row for row in table if jurisdiction.startswith(row.prefix) and row.since <= on]
    return max(rows, key=lambda row: (len(row.prefix), row.since)).value


class Protocol(NamedTuple):
    """A trial version of the Diagnosis and Treatment Protocol, as far as several services read it.

    `plan_days`: civil days of monitoring after the ward; `test_days`: those of the re-tests; `return_visits`: (visit,
    the day it is due), counted in civil days after the day of discharge (F1). `negative_from_ct`: a test whose Ct
    values of the viral genes all reach it is negative.
    """

    version: str
    plan_days: int
    test_days: tuple[int, ...] = ()
    return_visits: tuple[tuple[str, int], ...] = ()
    negative_from_ct: float | None = None


_PROTOCOL: Final = "Diagnosis and Treatment Protocol for COVID-19, trial version"
_NOTICES: Final = "re-tests and return visits: notices of 13 Mar 2020 and 国办发明电〔2020〕15号"
_DAYS_7_14: Final = (7, 14)
_VISITS: Final = (("week_2", 14), ("week_4", 28))

PROTOCOLS: Final[Sequence[Row[Protocol]]] = (
    Row(EVERYWHERE, ALWAYS, Protocol("v6", 14, _DAYS_7_14, _VISITS), "default: before 18 Feb 2020 as trial version 6"),
    Row(
        EVERYWHERE,
        date(2020, 2, 18),
        Protocol("v6", 14, _DAYS_7_14, _VISITS),
        f"{_PROTOCOL} 6: 14 days of isolation and self-monitoring; {_NOTICES}",
    ),
    Row(
        EVERYWHERE,
        date(2020, 3, 3),
        Protocol("v7", 14, _DAYS_7_14, _VISITS),
        f"{_PROTOCOL} 7: 14 days of isolation and self-monitoring; {_NOTICES}",
    ),
    Row(
        EVERYWHERE,
        date(2020, 8, 18),
        Protocol("v8", 14, _DAYS_7_14, _VISITS),
        f"{_PROTOCOL} 8: 14 days of isolation and self-monitoring; {_NOTICES}",
    ),
    Row(
        EVERYWHERE,
        date(2022, 3, 14),
        Protocol("v9", 7, (7,), (), 35.0),
        f"{_PROTOCOL} 9: 7 days of health monitoring at home; Ct of 35 and more is negative",
    ),
    Row(EVERYWHERE, date(2023, 1, 5), Protocol("v10", 0), f"{_PROTOCOL} 10: none"),
)

AFTERCARE_DAYS: Final = 28
"""Civil days after the day of discharge in which alerts and contact hold, or to the last return visit if later (F1)."""


@cache
def protocol_on(jurisdiction: str, day: date) -> Protocol:
    """The version in force on a civil day."""
    return in_force(PROTOCOLS, jurisdiction, day)


FEVER_FROM_C: Final[Mapping[str, float]] = {
    "axillary": 37.3,
    "oral": 37.5,
    "ear": 37.5,
    "forehead": 37.5,
    "rectal": 38.0,
    "unknown": 37.3,
}
"""°C by site: a temperature from here on is a fever, below it is normal. `unknown`: the strictest.

Source: the protocol (axillary), else *default*.
"""

NORMAL_FROM_C: Final = 35.0
"""°C: a reading below is kept and shown, and is no evidence of a normal temperature (*default*)."""

NUCLEIC_ACID_TESTS: Final = frozenset(
    {
        *("94306-8", "94309-2", "94500-6", "94502-2", "94531-1", "94565-9", "94759-8", "94845-5", "95406-5"),  # RNA
        *("95608-6",),
        *("94559-2", "97098-8", "98132-4"),  # ORF1a, ORF1ab
        *("94314-2", "94534-5", "96091-4", "96123-5"),  # RdRp
        *("94315-9", "94758-0", "96122-7"),  # E
        *("94316-7", "94533-7", "94756-4", "94757-2", "94760-6", "95409-9", "95425-5", "96448-6", "96986-5"),  # N
        *("94640-0",),  # S
        *("96957-6",),  # M
    }
)
"""LOINC codes of the nucleic acid tests for SARS-CoV-2 (a *NAT*). Codes of a Ct value are none: it is no result.

Source: LOINC, SARS-CoV-2 and COVID-19 related terms; CDC's LIVD table of the tests in use.
"""

RESPIRATORY_SPECIMENS: Final = frozenset({"nasal", "nasopharyngeal", "oropharyngeal", "sputum", "bronchoalveolar"})
"""The specimens that two consecutive negatives, and a re-test, are taken of (D4, F5). Saliva is none (*default*)."""

VIRAL_GENES: Final = frozenset({"ORF1AB", "ORF1A", "ORF1B", "N", "N1", "N2", "N3", "S", "E", "RDRP"})
"""Target genes of the virus, in capitals and without signs; N1 to N3 are parts of N. An internal control is none.

Source: trial version 9 names ORF1ab and N; S, E and RdRp: *default*.
"""

LISTED_SYMPTOMS: Final[Mapping[str, str]] = {
    "386661006": "fever",
    "11833005": "dry cough",
    "84229001": "fatigue",
    "44169009": "reduced smell",
    "36955009": "reduced taste",
    "68235000": "nasal congestion",
    "64531003": "runny nose",
    "162397003": "sore throat",
    "9826008": "conjunctivitis",
    "68962001": "muscle pain",
    "62315008": "diarrhoea",
}
"""SNOMED CT code → name: the 11 symptoms that community centres receive (C1).

Source: the diagnosis and treatment protocol's clinical manifestations, in Beijing's directory of December 2022.
"""

CHILD_UNDER_MONTHS: Final = 18 * 12
"""A child is under 18 years (I3), in completed months."""

TIME_ZONES: Final[Mapping[str, str]] = {
    "CN": "Asia/Shanghai",
    "CN-HK": "Asia/Hong_Kong",
    "CN-MO": "Asia/Macau",
    "CN-TW": "Asia/Taipei",
    "HK": "Asia/Hong_Kong",
    "MO": "Asia/Macau",
    "TW": "Asia/Taipei",
    "AE": "Asia/Dubai",
    "AT": "Europe/Vienna",
    "BD": "Asia/Dhaka",
    "CH": "Europe/Zurich",
    "CZ": "Europe/Prague",
    "ET": "Africa/Addis_Ababa",
    "FI": "Europe/Helsinki",
    "GB": "Europe/London",
    "GR": "Europe/Athens",
    "HU": "Europe/Budapest",
    "IE": "Europe/Dublin",
    "IL": "Asia/Jerusalem",
    "IN": "Asia/Kolkata",
    "IT": "Europe/Rome",
    "JP": "Asia/Tokyo",
    "KE": "Africa/Nairobi",
    "KR": "Asia/Seoul",
    "LK": "Asia/Colombo",
    "MR": "Africa/Nouakchott",
    "NG": "Africa/Lagos",
    "NP": "Asia/Kathmandu",
    "PH": "Asia/Manila",
    "PK": "Asia/Karachi",
    "PL": "Europe/Warsaw",
    "QA": "Asia/Qatar",
    "SA": "Asia/Riyadh",
    "SE": "Europe/Stockholm",
    "SG": "Asia/Singapore",
    "TH": "Asia/Bangkok",
    "TR": "Europe/Istanbul",
    "VN": "Asia/Ho_Chi_Minh",
    "ZA": "Africa/Johannesburg",
}
"""Jurisdiction → its time zone, for countries that have one only. Source: IANA time zone database, zone1970.tab.

A country with several is not here: there a report has to say which.
"""


def time_zone_of(jurisdiction: str) -> str | None:
    """The default IANA zone of a jurisdiction (`CN-SH`, else its country's); None where a report has to name it."""
    return most_particular(TIME_ZONES, jurisdiction)


def most_particular(by_jurisdiction: Mapping[str, str], jurisdiction: str) -> str | None:
    """What a table has for a jurisdiction (`CN-SH`), else for its country (`CN`); None where it has neither."""
    country, _, _ = jurisdiction.partition("-")
    return by_jurisdiction.get(jurisdiction) or by_jurisdiction.get(country)
