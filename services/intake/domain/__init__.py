"""What intake decides: who is a confirmed case, in which episode, and where the patient is sent."""

from services.intake.domain.announce import announce
from services.intake.domain.conclude import Conclusions, conclude, with_sent
from services.intake.domain.facts import Facts
from services.intake.domain.learn import (
    learn_admitted,
    learn_local_case_reported,
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
    "learn_local_case_reported",
    "learn_retested_positive",
    "learn_test_result",
    "learn_traveller_arrived",
    "row",
    "with_sent",
]
