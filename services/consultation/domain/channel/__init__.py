"""A channel of online care: whether it is open, who is on duty there, and when nobody is (C4)."""

from services.consultation.domain.channel.announce import announce, states
from services.consultation.domain.channel.conclude import Conclusions, conclude
from services.consultation.domain.channel.facts import Facts
from services.consultation.domain.channel.learn import learn_closed, learn_opened, learn_rostered, learn_unrostered
from services.consultation.domain.channel.read_model import row

__all__ = [
    "Conclusions",
    "Facts",
    "announce",
    "conclude",
    "learn_closed",
    "learn_opened",
    "learn_rostered",
    "learn_unrostered",
    "row",
    "states",
]
