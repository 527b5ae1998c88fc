"""A patient in aftercare: what was asked of online care under their case, said for follow-up (F4)."""

from services.consultation.domain.care.announce import announce, states
from services.consultation.domain.care.conclude import Conclusions, conclude
from services.consultation.domain.care.facts import Care, Facts

__all__ = ["Care", "Conclusions", "Facts", "announce", "conclude", "states"]
