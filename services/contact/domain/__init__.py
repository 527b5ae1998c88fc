"""What contact decides: which event goes to whom, when it is tried again, and when it is given up."""

from services.contact.domain import switch
from services.contact.domain.conclusions import Conclusions
from services.contact.domain.deliveries import conclude
from services.contact.domain.facts import Facts
from services.contact.domain.learning import learn_reported, learner
from services.contact.domain.standing import announce, row, standing
from services.contact.domain.subscribers import Subscriber, Subscriptions, types_wanted

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
    "standing",
    "switch",
    "types_wanted",
]
