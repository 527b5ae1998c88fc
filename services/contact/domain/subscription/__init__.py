"""A subscription: whether it is on. Nothing is said of it."""

from services.contact.domain.subscription.announce import announce
from services.contact.domain.subscription.conclude import Nothing, conclude
from services.contact.domain.subscription.facts import Switch
from services.contact.domain.subscription.learn import learn_switched
from services.contact.domain.subscription.read_model import row

__all__ = ["Nothing", "Switch", "announce", "conclude", "learn_switched", "row"]
