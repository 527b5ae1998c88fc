"""What primarycare decides: who near home knows of a discharge, who takes the patient on, who has seen an alert."""

from services.primarycare.domain.announce import announce
from services.primarycare.domain.conclude import Conclusions, conclude
from services.primarycare.domain.facts import Facts
from services.primarycare.domain.learn import (
    learn_acknowledgement,
    learn_admitted,
    learn_alert,
    learn_answer,
    learn_care,
    learn_confirmed,
    learn_discharged,
    learn_excluded,
    learn_plan,
    learn_revoked,
    learn_standing,
    learn_stay_ended,
)
from services.primarycare.domain.worklist import row

__all__ = [
    "Conclusions",
    "Facts",
    "announce",
    "conclude",
    "learn_acknowledgement",
    "learn_admitted",
    "learn_alert",
    "learn_answer",
    "learn_care",
    "learn_confirmed",
    "learn_discharged",
    "learn_excluded",
    "learn_plan",
    "learn_revoked",
    "learn_standing",
    "learn_stay_ended",
    "row",
]
