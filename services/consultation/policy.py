"""The numbers of online care: *policy*, effective-dated by jurisdiction; *default*: a number that no source gives."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final, NamedTuple

from schemas.reference import ALWAYS, EARLIEST_DAY, EVERYWHERE, Row, in_force

LOOK_AHEAD: Final = timedelta(days=7)
"""How far ahead the roster of a 24-hour channel is looked at; a gap without end is said in pieces of this length (C4,
*default*)."""
SHORTEST_GAP: Final = timedelta(minutes=1)
"""A roster is kept by the minute: what is shorter is no gap (C4)."""
ROSTERS_FROM: Final = datetime.combine(EARLIEST_DAY, time.min, UTC)
"""Nobody is missed on a roster before (*default*: the first day of the epidemic), however long a channel exists."""
SHIFTS_KEPT: Final = timedelta(days=45)
"""How long past shifts stay in the channel's row: who was on duty is asked by late reports (*default*)."""


class Prescribing(NamedTuple):
    """How long a prescription may wait (C6): for a pharmacist since it was issued, for its dispatch since it was
    approved or a delivery failed, and for its delivery since it was dispatched."""

    review_within: timedelta
    dispatch_within: timedelta
    deliver_within: timedelta


_HOUR: Final = timedelta(hours=1)

PRESCRIBING: Final[Sequence[Row[Prescribing]]] = (
    Row(EVERYWHERE, ALWAYS, Prescribing(_HOUR / 2, 4 * _HOUR, 24 * _HOUR), "policy (C6)"),
)


@cache
def prescribing(jurisdiction: str, on: date) -> Prescribing:
    """How long a prescription that was issued on a civil day may wait."""
    return in_force(PRESCRIBING, jurisdiction, on)


CLASSES: Final = ("red_flag", "priority", "other")
"""In the order in which they are served."""
ANSWER_WITHIN: Final[Sequence[Row[Mapping[str, timedelta]]]] = (
    Row(
        EVERYWHERE,
        ALWAYS,
        {"red_flag": timedelta(minutes=5), "priority": timedelta(minutes=15), "other": timedelta(hours=1)},
        "policy (C3)",
    ),
)
PRIORITY_GROUPS: Final = frozenset({"child", "pregnant", "dialysis", "comorbid"})
RED_FLAG_SYMPTOMS: Final = frozenset({"267036007", "29857009", "3006004", "3415004", "91175000"})
"""SNOMED CT: dyspnoea, chest pain, disturbed consciousness, cyanosis, seizure (*default*)."""

LOOK_AGAIN: Final = timedelta(minutes=1)
"""After this long a channel at no known place, and a consultation in no channel, whose prescriber is not on the roster
or whose patient no institution can take, is looked at once more: what was written beside it at that very moment is
known by then (*default*)."""
MOST_OPEN: Final = 5
"""So many consultations an expert has open at once in a channel at most; who comes then waits (*default*)."""

DEPARTMENTS: Final = frozenset(
    {
        *("infection", "infectious diseases", "infectious disease", "fever clinic"),
        *("respiratory", "respiratory medicine", "pulmonology"),
        *("general", "general medicine", "general practice", "internal medicine"),
        *("traditional chinese medicine", "tcm"),
    }
)
"""Departments that see anybody with an acute infection (*default*); in plain letters, as `plain_department` writes."""
DEPARTMENTS_OF: Final[Mapping[str, frozenset[str]]] = {
    "child": frozenset({"paediatrics", "pediatrics", "paediatric", "pediatric"}),
    "dialysis": frozenset({"nephrology", "dialysis"}),
    "pregnant": frozenset({"obstetrics", "obstetric", "obstetrics and gynaecology", "obstetrics and gynecology"}),
}
"""Group → the departments that see its patients (*default*)."""
NEED_THEIR_OWN: Final = ("dialysis", "pregnant")
"""Groups whose patients only a channel sees that is for them, or has their department (*default*)."""
CAPABILITY_OF: Final[Mapping[str, str]] = {"child": "paediatric", "dialysis": "dialysis", "pregnant": "obstetric"}
"""Group → what an institution has to be capable of, to see its patients (C5)."""


@cache
def answer_within(jurisdiction: str, on: date, priority: str) -> timedelta:
    """After how long a request of a civil day, in the zone of its instant, is passed on if nobody has answered."""
    return in_force(ANSWER_WITHIN, jurisdiction, on)[priority]


def plain_department(name: str) -> str:
    """A name as it is compared: without case, with blanks for underscores."""
    return " ".join(name.casefold().replace("_", " ").split())
