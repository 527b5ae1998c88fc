"""What contact decides: of a `case`, which event goes to whom; of a `subscription`, whether it is on.

Each is a package with the same files: what the delivery worker works off is the `worklist` of a case; what cases ask
of a subscription is its `read_model`.
"""

from services.contact.domain import case, subscription
from services.contact.domain.case import Subscriber, Subscriptions, types_wanted

__all__ = ["Subscriber", "Subscriptions", "case", "subscription", "types_wanted"]
