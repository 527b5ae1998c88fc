"""A consultation held online: one small row, and the day on which it moves its channel's counts. It says nothing."""

from services.bulletin.domain.consultation.announce import announce
from services.bulletin.domain.consultation.conclude import Conclusions, Held, conclude
from services.bulletin.domain.consultation.facts import Facts
from services.bulletin.domain.consultation.learn import learn_closed, learn_open
from services.bulletin.domain.consultation.read_model import row, wakes

__all__ = ["Conclusions", "Facts", "Held", "announce", "conclude", "learn_closed", "learn_open", "row", "wakes"]
