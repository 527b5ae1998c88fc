"""A prescription: issued in a consultation, reviewed by a pharmacist, dispensed and delivered once (C6)."""

from services.consultation.domain.prescription.announce import announce, states
from services.consultation.domain.prescription.conclude import Conclusions, conclude
from services.consultation.domain.prescription.facts import Facts, Issue
from services.consultation.domain.prescription.learn import learn_delivery, learn_review
from services.consultation.domain.prescription.read_model import row

__all__ = ["Conclusions", "Facts", "Issue", "announce", "conclude", "learn_delivery", "learn_review", "row", "states"]
