"""The numbers of online care; *policy*: the project's own rule, *default*: no source gives them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

CLASSES: Final = ("red_flag", "priority", "other")
"""In the order in which they are served."""
ANSWER_WITHIN: Final[Mapping[str, timedelta]] = {
    "red_flag": timedelta(minutes=5),
    "priority": timedelta(minutes=15),
    "other": timedelta(minutes=60),
}
"""A request that nobody has answered after this long is passed on (*policy*)."""
PRIORITY_GROUPS: Final = frozenset({"child", "pregnant", "dialysis", "comorbid"})
RED_FLAG_SYMPTOMS: Final = frozenset({"267036007", "29857009", "3006004", "3415004", "91175000"})
"""SNOMED CT: dyspnoea, chest pain, disturbed consciousness, cyanosis, seizure (*default*)."""

MOST_OPEN: Final = 5
"""So many consultations an expert has open at once at most; who comes then waits (*default*)."""

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


def plain_department(name: str) -> str:
    """A name as it is compared: without case, with blanks for underscores."""
    return " ".join(name.casefold().replace("_", " ").split())
