"""Follow-up after the ward: what has been reported, what follows from it, and what is said of that (F1 to
F10)."""

from services.followup.domain.announce import announce
from services.followup.domain.conclude import Conclusions, conclude
from services.followup.domain.facts import Facts
from services.followup.domain.in_force import in_force
from services.followup.domain.learn import (
    learn_admitted,
    learn_alert_closed,
    learn_call,
    learn_confirmed,
    learn_consulted,
    learn_day,
    learn_discharged,
    learn_ended,
    learn_excluded,
    learn_imaging,
    learn_other_stay_ended,
    learn_residence,
    learn_result,
    learn_return_visit,
    learn_revoked,
    learn_symptoms,
    learn_vital_signs,
)
from services.followup.domain.worklist import row

__all__ = [
    "Conclusions",
    "Facts",
    "announce",
    "conclude",
    "in_force",
    "learn_admitted",
    "learn_alert_closed",
    "learn_call",
    "learn_confirmed",
    "learn_consulted",
    "learn_day",
    "learn_discharged",
    "learn_ended",
    "learn_excluded",
    "learn_imaging",
    "learn_other_stay_ended",
    "learn_residence",
    "learn_result",
    "learn_return_visit",
    "learn_revoked",
    "learn_symptoms",
    "learn_vital_signs",
    "row",
]
