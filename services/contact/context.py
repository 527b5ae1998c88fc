"""What the rules of a case need beyond it: which subscriptions there are, and are not switched off."""

from collections.abc import Mapping, Sequence

from chassis.store.connection import Connection, sql
from services.contact.domain import Subscriber, Subscriptions


class Context:
    """The subscriptions of the operator's file, less those that are switched off."""

    def __init__(self, subscribers: Sequence[Subscriber]) -> None:
        self._known = frozenset(subscriber.id for subscriber in subscribers)

    async def of(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, Subscriptions]:
        """The same for all cases of a batch."""
        return dict.fromkeys(keys, Subscriptions(self._known - await switched_off(connection)))


async def switched_off(connection: Connection) -> frozenset[str]:
    """The ids of all subscriptions that are off."""
    rows = await connection.fetch(sql("read_switched_off", "services.contact.sql"))
    return frozenset(row["key"] for row in rows)
