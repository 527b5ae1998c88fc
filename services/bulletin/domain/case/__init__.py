"""A case: one small row, and the days on which it moves a figure. It says nothing itself."""

from services.bulletin.domain.case.announce import announce
from services.bulletin.domain.case.conclude import Conclusions, conclude
from services.bulletin.domain.case.counted import Counted
from services.bulletin.domain.case.facts import Facts
from services.bulletin.domain.case.learn import (
    learn_confirmation,
    learn_discharge,
    learn_exclusion,
    learn_revocation,
    learn_severity,
)
from services.bulletin.domain.case.read_model import row, wakes

__all__ = [
    "Conclusions",
    "Counted",
    "Facts",
    "announce",
    "conclude",
    "learn_confirmation",
    "learn_discharge",
    "learn_exclusion",
    "learn_revocation",
    "learn_severity",
    "row",
    "wakes",
]
