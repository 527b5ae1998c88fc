"""What intake decides: who is a confirmed case, in which episode, and where the patient is sent."""

from services.intake.domain.announce import announce
from services.intake.domain.conclude import Conclusions, conclude, wakes, with_taken
from services.intake.domain.facts import Facts
from services.intake.domain.learn import (
    learn_admitted,
    learn_case_withdrawn,
    learn_discharge_revoked,
    learn_discharged,
    learn_local_case_reported,
    learn_other_stay_ended,
    learn_retested_positive,
    learn_test_result,
    learn_traveller_arrived,
)
from services.intake.domain.worklist import row

__all__ = [
    "Conclusions",
    "Facts",
    "announce",
    "conclude",
    "learn_admitted",
    "learn_case_withdrawn",
    "learn_discharge_revoked",
    "learn_discharged",
    "learn_local_case_reported",
    "learn_other_stay_ended",
    "learn_retested_positive",
    "learn_test_result",
    "learn_traveller_arrived",
    "row",
    "wakes",
    "with_taken",
]
