"""The delivery worker as a process: its own group on contact's events, with any number of processes sharing the
partitions."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from chassis.consume.reader import Record
from chassis.process.process import Process
from chassis.process.settings import Settings
from schemas.topics import events_topic
from services.contact.adapters.webhook import Webhooks
from services.contact.deliveries import Deliveries
from services.contact.delivery import Delivery, ports_of
from services.contact.subscriptions import SERVICE, SubscriptionFile

GROUP = "contact-delivery-worker"
RECORDS_AT_ONCE = 200


class DeliveryWorker(Process):
    """Lets each fetch be carried whole, then commits its offsets."""

    handling_seconds: ClassVar[float] = 20

    def __init__(self, file: SubscriptionFile, settings: Settings | None = None) -> None:
        super().__init__(GROUP, settings)
        self.file = file
        self._in_hand = asyncio.Lock()
        self._fetches = 0
        self._webhooks: Webhooks | None = None
        self._deliveries: Deliveries | None = None
        self.read((events_topic(SERVICE).name,), RECORDS_AT_ONCE)

    async def begin(self) -> None:
        """The ways to receivers belong to the event loop that runs."""
        await super().begin()
        self._webhooks = Webhooks()
        self._deliveries = Deliveries(
            Delivery(ports_of(self.file, self._webhooks)),
            self.connect,
            self.make_producer,
            self.timeline,
            self.settings.send_timeout_seconds,
            self.metrics,
            self.tracing,
        )

    async def close(self) -> None:
        """Lets receivers, bus and store go."""
        if self._deliveries is not None:
            await self._deliveries.close()
        if self._webhooks is not None:
            await self._webhooks.close()
        await super().close()

    async def before_joining(self) -> None:
        """Nothing has to be known before: of each request the store is asked whether it is awaited."""

    async def take(self, records: Sequence[Record], generation: int) -> None:
        """Carries one fetch at a time, then commits its offsets."""
        self._fetches += 1
        async with self._in_hand:
            if self._deliveries is not None:
                await self._deliveries.carry(records)
                self.metrics.records.inc(len(records))
                await self.consumption.commit(records, generation)

    async def settled(self) -> None:
        """Returns once what is in hand has been carried, reported and committed."""
        async with self._in_hand:
            pass

    @property
    def busy(self) -> bool:
        """Whether a fetch is read or carried."""
        return self.consumption.watermarks.dispatching

    @property
    def tries(self) -> int:
        """Fetches begun."""
        return self._fetches

    async def figures(self) -> Mapping[str, Any]:
        """What is due is the service's to know."""
        return {"next_due": None}
