"""The numbers of follow-up: effective-dated, by jurisdiction; nothing of it is a constant of the rules.

A row holds for the jurisdictions whose code begins with its prefix, from its date on; of several the longest prefix
holds, then the latest date. *default*: a number that no source gives (RULES.md).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Final, Generic, NamedTuple, TypeVar

Value = TypeVar("Value")


class Row(NamedTuple, Generic[Value]):
    """One entry of a policy table: `value` for jurisdictions beginning with `prefix`, from `effective_from` on."""

    prefix: str
    effective_from: date
    value: Value
    source: str


class Plan(NamedTuple):
    """What is asked of a patient after the ward (F1).

    `slots`: when to log, each day. `test_days`: the days of re-tests. `return_visits`: (visit, the day it is due),
    counted in civil days after the day of discharge.
    """

    slots: tuple[str, ...]
    test_days: tuple[int, ...]
    return_visits: tuple[tuple[str, int], ...]


class Alarm(NamedTuple):
    """What is alarming after the ward (F4, F5).

    `fever_from_c`: °C by site, at and above which a temperature is a fever. `symptoms`: SNOMED CT codes of the warning
    symptoms, and the words by which people who have no codes report them.
    """

    fever_from_c: Mapping[str, float]
    symptoms: frozenset[str]


class Ladder(NamedTuple):
    """How soon a silent patient is looked for (F3).

    `first_call_days`: civil days after the midnight at which a ladder opens, at whose end call 1 must be reported.
    """

    first_call_days: int


class Retest(NamedTuple):
    """How a re-test is judged (F5).

    `tests`: LOINC codes of the nucleic acid tests. `specimens`: the respiratory ones. `negatives_apart_hours`: what at
    least lies between the collections of the two negatives. `days_added`: at each midnight without them.
    """

    tests: frozenset[str]
    specimens: frozenset[str]
    negatives_apart_hours: int
    days_added: int


EVERYWHERE: Final = ""
ALWAYS: Final = date.min
NATIONAL_NOTICES: Final = "notices on discharged patients, 13 Mar 2020, and on return visits, 国办发明电〔2020〕15号"

PROTOCOLS: Final[Sequence[Row[str]]] = (
    Row(EVERYWHERE, ALWAYS, "v6", "default: before 18 Feb 2020 as trial version 6"),
    Row(EVERYWHERE, date(2020, 2, 18), "v6", "Diagnosis and Treatment Protocol, trial version 6"),
    Row(EVERYWHERE, date(2020, 3, 3), "v7", "Diagnosis and Treatment Protocol, trial version 7"),
    Row(EVERYWHERE, date(2020, 8, 18), "v8", "Diagnosis and Treatment Protocol, trial version 8"),
    Row(EVERYWHERE, date(2022, 3, 14), "v9", "Diagnosis and Treatment Protocol, trial version 9"),
    Row(EVERYWHERE, date(2023, 1, 5), "v10", "Diagnosis and Treatment Protocol, trial version 10"),
)
"""The protocol in force, for a discharge that names one we do not know."""

LENGTH_DAYS: Final[Mapping[str, Sequence[Row[int]]]] = {
    "v6": (Row(EVERYWHERE, ALWAYS, 14, "trial version 6: 14 days of isolation and self-monitoring"),),
    "v7": (Row(EVERYWHERE, ALWAYS, 14, "trial version 7: 14 days of isolation and self-monitoring"),),
    "v8": (Row(EVERYWHERE, ALWAYS, 14, "trial version 8: 14 days of isolation and self-monitoring"),),
    "v9": (Row(EVERYWHERE, ALWAYS, 7, "trial version 9: 7 days of health monitoring at home"),),
    "v10": (Row(EVERYWHERE, ALWAYS, 0, "trial version 10: none"),),
}
"""Days of a plan by version of the protocol."""

PLANS: Final[Sequence[Row[Plan]]] = (
    Row(EVERYWHERE, ALWAYS, Plan(("am", "pm"), (7, 14), (("week_2", 14), ("week_4", 28))), NATIONAL_NOTICES),
)

ALARMS: Final[Sequence[Row[Alarm]]] = (
    Row(
        EVERYWHERE,
        ALWAYS,
        Alarm(
            {"axillary": 37.3, "oral": 37.5, "ear": 37.5, "forehead": 37.5, "rectal": 38.0},
            frozenset(
                {
                    *("386661006", "fever"),
                    *("49727002", "cough", "11833005", "dry cough"),
                    *("267036007", "dyspnoea", "dyspnea"),
                    *("29857009", "chest pain"),
                    *("3006004", "disturbed consciousness"),
                }
            ),
        ),
        "protocol: 37.3 axillary; other sites and the symptoms by default (RULES F4)",
    ),
)

LADDERS: Final[Sequence[Row[Ladder]]] = (Row(EVERYWHERE, ALWAYS, Ladder(first_call_days=1), "default (RULES F3)"),)

RETESTS: Final[Sequence[Row[Retest]]] = (
    Row(
        EVERYWHERE,
        ALWAYS,
        Retest(
            tests=frozenset(
                {
                    *("94309-2", "94314-2", "94315-9", "94316-7", "94500-6", "94533-7", "94534-5"),
                    *("94559-2", "94565-9", "94640-0", "94759-8", "94845-5", "95406-5", "95409-9"),
                }
            ),
            specimens=frozenset({"nasopharyngeal", "oropharyngeal", "sputum", "bronchoalveolar"}),
            negatives_apart_hours=24,
            days_added=1,
        ),
        "LOINC, SARS-CoV-2 nucleic acid; trial version 8: respiratory specimens, 24 h apart; one day: default",
    ),
)


def in_force(table: Sequence[Row[Value]], jurisdiction: str, on: date) -> Value:
    """The value that holds in a jurisdiction on a civil day."""
    rows = [row for row in table if jurisdiction.startswith(row.prefix) and row.effective_from <= on]
    return max(rows, key=lambda row: (len(row.prefix), row.effective_from)).value


@cache
def length_days(protocol: str, jurisdiction: str, on: date) -> int:
    """Days of the plan of somebody discharged on a civil day by a version of the protocol (F1)."""
    known = LENGTH_DAYS.get(protocol) or LENGTH_DAYS[in_force(PROTOCOLS, jurisdiction, on)]
    return in_force(known, jurisdiction, on)


@cache
def plan(jurisdiction: str, on: date) -> Plan:
    """What is asked of somebody discharged on a civil day (F1)."""
    return in_force(PLANS, jurisdiction, on)


@cache
def alarm(jurisdiction: str, on: date) -> Alarm:
    """What is alarming on a civil day (F4)."""
    return in_force(ALARMS, jurisdiction, on)


@cache
def ladder(jurisdiction: str, on: date) -> Ladder:
    """How somebody silent is looked for (F3)."""
    return in_force(LADDERS, jurisdiction, on)


@cache
def retest(jurisdiction: str, on: date) -> Retest:
    """How a re-test is judged (F5)."""
    return in_force(RETESTS, jurisdiction, on)


@cache
def never_alarming_below_c() -> float:
    """The lowest temperature that any policy calls a fever: what is below need not be remembered."""
    return min(limit for row in ALARMS for limit in row.value.fever_from_c.values())


@cache
def ever_alarming_symptoms() -> frozenset[str]:
    """Every symptom that any policy calls a warning; others need not be remembered."""
    return frozenset[str]().union(*(row.value.symptoms for row in ALARMS))
