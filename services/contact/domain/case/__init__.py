"""A case: which of its events goes to whom, when that is tried again, and when it is given up."""

from services.contact.domain.case.announce import announce
from services.contact.domain.case.conclude import Conclusions, conclude
from services.contact.domain.case.facts import Facts
from services.contact.domain.case.learn import learn_reported, learner
from services.contact.domain.case.subscribers import Subscriber, Subscriptions, types_wanted
from services.contact.domain.case.worklist import row

__all__ = [
    "Conclusions",
    "Facts",
    "Subscriber",
    "Subscriptions",
    "announce",
    "conclude",
    "learn_reported",
    "learner",
    "row",
    "types_wanted",
]
