"""The numbers of follow-up: effective-dated, by jurisdiction; nothing of it is a constant of the rules.

*default*: a number that no source gives.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Final, NamedTuple

from schemas.reference import (
    ALWAYS,
    EVERYWHERE,
    FEVER_FROM_C,
    Row,
    in_force,
)


class Plan(NamedTuple):
    """What is asked of a patient after the ward (F1).

    `slots`: when to log, each day. `test_days`: the days of re-tests. `return_visits`: (visit, the day it is due),
    counted in civil days after the day of discharge. `visit_grace_days`: after these it is missed (F6).
    """

    slots: tuple[str, ...]
    test_days: tuple[int, ...]
    return_visits: tuple[tuple[str, int], ...]
    visit_grace_days: int


class Alarm(NamedTuple):
    """What is alarming after the ward (F4, F5).

    `fever_from_c`: °C by site, at and above which a temperature is a fever. `symptoms`: SNOMED CT codes of the warning
    symptoms, and the words by which people who have no codes report them. `severities`: of an alert, by its reason;
    `urgent_symptoms`: the warning symptoms that make it urgent.
    """

    fever_from_c: Mapping[str, float]
    symptoms: frozenset[str]
    severities: Mapping[str, str]
    urgent_symptoms: frozenset[str]


class Ladder(NamedTuple):
    """How soon a silent patient is looked for (F3).

    `first_call_days`: civil days, from the one in which a ladder opens, at whose end call 1 must be reported.
    `later_calls_hours`, `visit_hours`: hours after that end, by which the other calls and the home visit must be.
    `lost_hours`: after the opening without any contact. `again_hours`: after a ladder was exhausted.
    """

    first_call_days: int
    later_calls_hours: tuple[int, ...]
    visit_hours: int
    lost_hours: int
    again_hours: int


class Retest(NamedTuple):
    """How a re-test is judged (F5). What one is, discharge reads as well: see `schemas.episodes`.

    `negatives_apart_hours`: what at least lies between the collections of the two negatives. `days_added`: at each
    midnight without them.
    """

    negatives_apart_hours: int
    days_added: int


NATIONAL_NOTICES: Final = "notices on discharged patients, 13 Mar 2020, and on return visits, 国办发明电〔2020〕15号"

PLANS: Final[Sequence[Row[Plan]]] = (
    Row(EVERYWHERE, ALWAYS, Plan(("am", "pm"), (7, 14), (("week_2", 14), ("week_4", 28)), 1), NATIONAL_NOTICES),
)

DYSPNOEA: Final = frozenset({"267036007", "dyspnoea", "dyspnea"})
SEVERITIES: Final[Mapping[str, str]] = {
    "positive_test": "urgent",
    "against_advice": "urgent",
    "fever": "high",
    "symptoms": "high",
    "consultation": "high",
    "went_out": "routine",
}

ALARMS: Final[Sequence[Row[Alarm]]] = (
    Row(
        EVERYWHERE,
        ALWAYS,
        Alarm(
            FEVER_FROM_C,
            frozenset(
                {
                    *("386661006", "fever"),
                    *("49727002", "cough", "11833005", "dry cough"),
                    *DYSPNOEA,
                    *("29857009", "chest pain"),
                    *("3006004", "disturbed consciousness"),
                }
            ),
            SEVERITIES,
            DYSPNOEA,
        ),
        "protocol: 37.3 axillary; other sites, the symptoms and how severe by default (F4)",
    ),
)

LADDERS: Final[Sequence[Row[Ladder]]] = (
    Row(
        EVERYWHERE,
        ALWAYS,
        Ladder(first_call_days=1, later_calls_hours=(12, 24), visit_hours=48, lost_hours=72, again_hours=72),
        "default (F3)",
    ),
)

RETESTS: Final[Sequence[Row[Retest]]] = (
    Row(
        EVERYWHERE,
        ALWAYS,
        Retest(
            negatives_apart_hours=24,
            days_added=1,
        ),
        "LOINC, SARS-CoV-2 nucleic acid; trial version 8: respiratory specimens, 24 h apart; one day: default",
    ),
)


@cache
def plan(jurisdiction: str, on: date) -> Plan:
    """What is asked of a patient discharged on a civil day (F1)."""
    return in_force(PLANS, jurisdiction, on)


@cache
def alarm(jurisdiction: str, on: date) -> Alarm:
    """What is alarming on a civil day (F4)."""
    return in_force(ALARMS, jurisdiction, on)


@cache
def ladder(jurisdiction: str, on: date) -> Ladder:
    """How a silent patient is looked for (F3)."""
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
