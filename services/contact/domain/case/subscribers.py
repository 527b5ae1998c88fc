"""Who wants which events: a subscription as the rules see it. Where it leads, and with which secret, they never see."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from schemas.message import Event


class Subscriber(Struct, frozen=True):
    """`types`: names of events, such as `AlertForwarded`. `since`: only what was written down from then on.

    `institution_id`: only events to it; None: all of them.
    """

    id: str
    types: frozenset[str]
    since: datetime
    institution_id: str | None = None

    def wants(self, event: Event, recorded_at: datetime) -> bool:
        """Whether an event goes there: of a type it asks for, new enough, and naming its institution if it has one."""
        if type(event).__name__ not in self.types or recorded_at < self.since:
            return False
        named = (getattr(event, "institution_id", None), getattr(event, "to_institution_id", None))
        return self.institution_id is None or self.institution_id in named


class Subscriptions(NamedTuple):
    """The subscriptions that are on: what the rules need beyond the case."""

    on: frozenset[str]


def types_wanted(subscribers: Iterable[Subscriber]) -> frozenset[str]:
    """The names of all events that somebody has subscribed to."""
    return frozenset(name for subscriber in subscribers for name in subscriber.types)
