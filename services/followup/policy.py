"""The numbers of follow-up: effective-dated, by jurisdiction; nothing of it is a constant of the rules.

*default*: a number that no source gives.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Final, NamedTuple

from schemas.reference import ALWAYS, EVERYWHERE, FEVER_FROM_C, Row, in_force
from schemas.values import is_code


class Plan(NamedTuple):
    """What is asked of a patient after the ward, beyond what the protocol's version says (F1).

    `slots`: when to log, each day. `visit_grace_days`, `retest_grace_days`: civil days after the one on which a return
    visit or a re-test was due; then it is missed (F5, F6). `retest_early_days`: a re-test collected so many days before
    it was due counts for it.
    """

    slots: tuple[str, ...]
    visit_grace_days: int
    retest_grace_days: int
    retest_early_days: int


class Alarm(NamedTuple):
    """What is alarming after the ward (F4, F5).

    `fever_from_c`: °C by site, at and above which a temperature is a fever. `high_fever_from_c`: one that is graver
    than another fever. `symptoms`: SNOMED CT codes of the warning symptoms; `words`: how people who have no codes call
    them, in each language of the jurisdiction, in plain letters. `severities`: of an alert, by its reason;
    `urgent_symptoms`: the warning symptoms that make it urgent.
    """

    fever_from_c: Mapping[str, float]
    high_fever_from_c: float
    symptoms: frozenset[str]
    words: Mapping[str, str]
    severities: Mapping[str, str]
    urgent_symptoms: frozenset[str]

    def warning(self, symptom: str) -> str | None:
        """The code of a warning symptom, told as a code or in words; None for any other."""
        code = symptom if is_code(symptom) else self.words.get(plain(symptom))
        return code if code in self.symptoms else None

    def is_understood(self, symptom: str) -> bool:
        """Whether it is a code, or a word on the list (F4)."""
        return is_code(symptom) or plain(symptom) in self.words


class Ladder(NamedTuple):
    """How soon a silent patient is looked for (F3).

    `first_call_days`: civil days, from the one in which a ladder opens, at whose end call 1 must be reported.
    `later_calls_hours`, `visit_hours`: hours after that end, by which the other calls and the home visit must be.
    `lost_hours`: after the opening without any contact. `again_hours`: after a ladder was exhausted. `refused_ladders`:
    after so many that were exhausted and ended in refusals nobody is asked again.
    """

    first_call_days: int
    later_calls_hours: tuple[int, ...]
    visit_hours: int
    lost_hours: int
    again_hours: int
    refused_ladders: int


class Retest(NamedTuple):
    """How a re-test is judged (F5). What one is, discharge reads as well: see `schemas.episodes`.

    `negatives_apart_hours`: what at least lies between the collections of the two negatives. `days_added`: at each
    midnight without them. `always_readmits`: every positive does, whatever goes with it.
    """

    negatives_apart_hours: int
    days_added: int
    always_readmits: bool


NATIONAL_NOTICES: Final = "notices on discharged patients, 13 Mar 2020, and on return visits, 国办发明电〔2020〕15号"

PLANS: Final[Sequence[Row[Plan]]] = (
    Row(
        EVERYWHERE,
        ALWAYS,
        Plan(("am", "pm"), visit_grace_days=1, retest_grace_days=1, retest_early_days=3),
        f"{NATIONAL_NOTICES}; days of grace: default",
    ),
)

FEVER, COUGH, DRY_COUGH = "386661006", "49727002", "11833005"
DYSPNOEA, CHEST_PAIN, DISTURBED_CONSCIOUSNESS = "267036007", "29857009", "3006004"
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "fever": FEVER,
        "cough": COUGH,
        "dry cough": DRY_COUGH,
        **dict.fromkeys(("dyspnoea", "dyspnea", "shortness of breath", "breathlessness"), DYSPNOEA),
        "chest pain": CHEST_PAIN,
        **dict.fromkeys(("disturbed consciousness", "unconscious", "loss of consciousness"), DISTURBED_CONSCIOUSNESS),
    },
    "zh": {
        **dict.fromkeys(("发热", "发烧", "發熱", "發燒"), FEVER),
        "咳嗽": COUGH,
        "干咳": DRY_COUGH,
        "乾咳": DRY_COUGH,
        **dict.fromkeys(("呼吸困难", "呼吸困難", "气促", "氣促", "气短", "氣短", "气急", "氣急"), DYSPNOEA),
        "胸痛": CHEST_PAIN,
        **dict.fromkeys(("意识障碍", "意識障礙", "意识不清", "意識不清", "神志不清", "昏迷"), DISTURBED_CONSCIOUSNESS),
    },
}
"""Language → how its people call a warning symptom → its SNOMED CT code (*default*)."""
LANGUAGES: Final = ("en", "zh")
"""Those of every jurisdiction for which no other row is added (*default*)."""
SEVERITIES: Final[Mapping[str, str]] = {
    "positive_test": "urgent",
    "against_advice": "urgent",
    "recalled": "urgent",
    "fever": "high",
    "symptoms": "high",
    "consultation": "high",
    "refuses": "high",
    "went_out": "routine",
}

ALARMS: Final[Sequence[Row[Alarm]]] = (
    Row(
        EVERYWHERE,
        ALWAYS,
        Alarm(
            fever_from_c=FEVER_FROM_C,
            high_fever_from_c=39.0,
            symptoms=frozenset({FEVER, COUGH, DRY_COUGH, DYSPNOEA, CHEST_PAIN, DISTURBED_CONSCIOUSNESS}),
            words={word: code for language in LANGUAGES for word, code in WORDS[language].items()},
            severities=SEVERITIES,
            urgent_symptoms=frozenset({DYSPNOEA, CHEST_PAIN, DISTURBED_CONSCIOUSNESS}),
        ),
        "protocol: 37.3 axillary, high fever from 39.0; other sites, the symptoms and how severe by default (F4)",
    ),
)

LADDERS: Final[Sequence[Row[Ladder]]] = (
    Row(
        EVERYWHERE,
        ALWAYS,
        Ladder(
            first_call_days=1,
            later_calls_hours=(12, 24),
            visit_hours=48,
            lost_hours=72,
            again_hours=72,
            refused_ladders=2,
        ),
        "default (F3)",
    ),
)

RETESTS: Final[Sequence[Row[Retest]]] = (
    Row(
        EVERYWHERE,
        ALWAYS,
        Retest(negatives_apart_hours=24, days_added=1, always_readmits=False),
        "LOINC, SARS-CoV-2 nucleic acid; trial version 8: respiratory specimens, 24 h apart; one day: default",
    ),
    Row(
        EVERYWHERE,
        date(2022, 3, 14),
        Retest(negatives_apart_hours=24, days_added=1, always_readmits=True),
        "trial version 9: positive again is treated in hospital",
    ),
    Row(
        EVERYWHERE,
        date(2023, 1, 5),
        Retest(negatives_apart_hours=24, days_added=1, always_readmits=False),
        "trial version 10: no re-tests; default: as trial version 8",
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
def may_alarm(symptom: str) -> bool:
    """Whether some policy may call it a warning, or it is a word that none knows; others need not be remembered."""
    return not is_code(symptom) or any(symptom in row.value.symptoms for row in ALARMS)


@cache
def plain(word: str) -> str:
    """A word as it is compared: without case, and with single blanks."""
    return " ".join(word.casefold().split())
