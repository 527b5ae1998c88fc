"""What contact knows of a case: the events that somebody wants, and what became of each attempt to deliver them."""

from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

_DELIVERIES = uuid5(NAMESPACE_URL, "urn:afterward:contact:deliveries")


class Wanted(Struct, frozen=True, array_like=True):
    """An event, and the subscriptions that wanted it when it came.

    `data` is kept until every delivery of it has come to an end that nothing changes any more, then it is None.
    `thing`: what it has the last word on; empty where the first edition stored it. `urgent`: an alert of that severity.
    """

    event_id: str
    type: str
    sequence: int
    recorded_at: datetime
    received_at: datetime
    to: tuple[str, ...]
    data: dict[str, Any] | None = None
    thing: str = ""
    withdrawn: bool = False
    urgent: bool = False

    @property
    def key(self) -> str:
        return self.event_id

    order = key

    @property
    def rank(self) -> int:
        return self.sequence


class Outcome(Struct, frozen=True, array_like=True):
    """What became of one attempt. Of two words on it that it was delivered holds, then that the receiver is gone."""

    delivery_id: str
    attempt: int
    outcome: str
    reported_at: datetime
    recorded: str
    reason: str | None = None

    @property
    def key(self) -> tuple[str, int]:
        return self.delivery_id, self.attempt

    order = key

    @property
    def rank(self) -> tuple[bool, bool, str]:
        return self.outcome == "delivered", self.outcome == "gone", self.recorded

    @property
    def is_final(self) -> bool:
        return self.outcome != "failed"


class Facts(Struct, frozen=True, array_like=True):
    """All that is known of a case."""

    about: str = ""
    events: tuple[Wanted, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


@lru_cache(maxsize=4096)
def delivery_id_of(event_id: str, subscription_id: str) -> str:
    """Derived from what names the delivery, so that doing the work again gives the same."""
    return str(uuid5(_DELIVERIES, f"{event_id}\n{subscription_id}"))
