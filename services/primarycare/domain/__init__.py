"""What primarycare decides: who near home knows of a discharge, who takes the patient on, who has seen an alert."""

from services.primarycare.domain.aftercare import conclude
from services.primarycare.domain.conclusions import Conclusions
from services.primarycare.domain.facts import Facts
from services.primarycare.domain.learning import (
    learn_acknowledgement,
    learn_alert,
    learn_answer,
    learn_care,
    learn_discharged,
    learn_revoked,
)
from services.primarycare.domain.row import row
from services.primarycare.domain.standing import announce, standing

__all__ = [
    "Conclusions",
    "Facts",
    "announce",
    "conclude",
    "learn_acknowledgement",
    "learn_alert",
    "learn_answer",
    "learn_care",
    "learn_discharged",
    "learn_revoked",
    "row",
    "standing",
]
