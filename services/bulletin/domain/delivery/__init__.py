"""A medicine delivered: one small row, and the day on which it moves its channel's counts. It says nothing itself."""

from services.bulletin.domain.delivery.announce import announce
from services.bulletin.domain.delivery.conclude import Conclusions, Delivered, conclude
from services.bulletin.domain.delivery.facts import Facts
from services.bulletin.domain.delivery.learn import learn_delivered
from services.bulletin.domain.delivery.read_model import row, wakes

__all__ = ["Conclusions", "Delivered", "Facts", "announce", "conclude", "learn_delivered", "row", "wakes"]
