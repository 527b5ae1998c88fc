"""What intake decides by: effective-dated, by jurisdiction prefix, each row with its source."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

EVERYWHERE = ""
ALWAYS = date.min

ADULT_FROM_MONTHS = 18 * 12
"""Under 18 years a hospital has to be able to care for children (RULES I3)."""

RESPOND_WITHIN = timedelta(hours=24)
"""How long the receiving institution has to admit a confirmed case (RULES I4, *default*)."""

LOOK_AGAIN_AFTER = timedelta(hours=24)
"""How often a case that nobody can be found for is looked at again by itself (*default*)."""


class NatRow(NamedTuple):
    """The LOINC codes of the nucleic acid tests for SARS-CoV-2: what a *NAT* is (RULES, head)."""

    prefix: str
    effective_from: date
    source: str
    codes: frozenset[str]


NUCLEIC_ACID_TESTS = (
    NatRow(
        EVERYWHERE,
        ALWAYS,
        "LOINC, SARS-CoV-2 and COVID-19 related terms: presence of RNA, or of a gene, by nucleic acid amplification",
        frozenset(
            {
                *("94306-8", "94309-2", "94500-6", "94531-1", "94565-9", "94759-8", "94845-5", "95406-5"),  # RNA
                *("94559-2",),  # ORF1ab
                *("94314-2", "94534-5"),  # RdRp
                *("94315-9",),  # E
                *("94316-7", "94533-7", "95409-9", "95425-5"),  # N
                *("94640-0",),  # S
            }
        ),
    ),
)

TIME_ZONES: Mapping[str, str] = {
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
"""Jurisdiction prefix → its time zone, for countries that have one only. Source: IANA time zone database, zone1970.tab.

A country with several is not here: there a report has to say which.
"""


def most_particular(by_prefix: Mapping[str, str], jurisdiction: str) -> str | None:
    """What a table by jurisdiction prefix (`CN-SH`, `CN`) has for a jurisdiction; the longest prefix holds."""
    country, _, _ = jurisdiction.partition("-")
    return by_prefix.get(jurisdiction) or by_prefix.get(country)


def time_zone_of(jurisdiction: str) -> str | None:
    """The IANA time zone of a jurisdiction; None where a report has to name it."""
    return most_particular(TIME_ZONES, jurisdiction)


@lru_cache(4096)
def nucleic_acid_tests_on(jurisdiction: str, day: date) -> frozenset[str]:
    """The LOINC codes that are NATs in a jurisdiction on a civil day."""
    rows = (row for row in NUCLEIC_ACID_TESTS if jurisdiction.startswith(row.prefix) and row.effective_from <= day)
    return max(rows, key=lambda row: (len(row.prefix), row.effective_from)).codes
