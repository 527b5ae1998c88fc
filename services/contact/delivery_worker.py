"""The delivery worker as a process: its own group on contact's events, with any number of processes sharing the
partitions."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from faststream.asgi import AsgiResponse, get

from chassis.clock import timeline
from chassis.consume.assignment import Assignment
from chassis.consume.faststream_adapter import commit, json_answer, make_broker, subscribe
from chassis.consume.membership import Membership
from chassis.consume.watermarks import Watermarks, from_milliseconds
from chassis.process.event_loop import install_loop
from chassis.process.health import what_is_wrong
from chassis.process.http import Application
from chassis.process.outages import quieten_clients
from chassis.process.settings import Settings
from chassis.process.shutdown import or_stop
from chassis.process.watchdog import Signs, Watchdog, others_answer
from chassis.publish.relay import make_producer
from chassis.store.connection import Connection, connect, store_id
from schemas.topics import events_topic
from services.contact.adapters.webhook import Webhooks
from services.contact.deliveries import Deliveries
from services.contact.delivery import Delivery, ports_of
from services.contact.subscriptions import SERVICE, SubscriptionFile

log = logging.getLogger("afterward.contact")

GROUP = "contact-delivery-worker"
RECORDS_AT_ONCE = 200
GRACE_SECONDS = 20
"""What is under way when the process is asked to end may take as long."""


class DeliveryWorker:
    """Fetches, lets each fetch be carried whole, then commits its offsets."""

    def __init__(self, file: SubscriptionFile, settings: Settings | None = None) -> None:
        install_loop()
        self.file = file
        self.settings = settings = settings or Settings()
        self.timeline = timeline(settings.clock_file)
        self.progress = Watermarks(self.timeline, timedelta(milliseconds=settings.wakeup_margin_ms))
        self.assignment = Assignment(self.progress, (self,), lambda: self._consumer, settings.session_timeout_ms / 2000)
        self._in_hand = asyncio.Lock()
        self.broker = make_broker(settings, GRACE_SECONDS)
        self._subscriber = subscribe(
            self.broker,
            (events_topic(SERVICE).name,),
            GROUP,
            self._receive,
            listener=self.assignment,
            max_records=RECORDS_AT_ONCE,
            settings=settings,
        )
        self.membership = Membership(
            GROUP, self._subscriber, self._store_id, self.progress, settings.store_silent_seconds
        )
        self._webhooks: Webhooks | None = None
        self._deliveries: Deliveries | None = None
        self._fetches = 0
        others = partial(others_answer, self._connect, settings.bootstrap_servers)
        self._watchdog = Watchdog(self._signs, others, settings.standing_still_seconds)
        self._tasks: list[asyncio.Task[None]] = []
        self.app = Application(
            self.broker,
            asgi_routes=[("/health", get(self._answer_health)), ("/idle", get(self._answer_idle))],
            on_startup=[self._start],
            on_shutdown=[self._stop],
        )

    @property
    def _consumer(self) -> Any:
        return self._subscriber.consumer

    async def _start(self) -> None:
        self._webhooks = Webhooks()
        self._deliveries = Deliveries(
            Delivery(ports_of(self.file, self._webhooks)),
            self._connect,
            lambda: make_producer(self.settings.bootstrap_servers, self.settings.producer_idempotent),
            self.timeline,
            self.settings.send_timeout_seconds,
        )
        quieten_clients()
        self._tasks = [asyncio.create_task(or_stop(job.run())) for job in (self._watchdog, self.membership)]

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._deliveries is not None:
            await self._deliveries.close()
        if self._webhooks is not None:
            await self._webhooks.close()

    async def _connect(self) -> Connection:
        return await connect(self.settings.database_dsn, self.settings.statement_timeout_seconds)

    async def _store_id(self) -> str:
        connection = await self._connect()
        try:
            return await store_id(connection)
        finally:
            connection.terminate()

    async def _receive(self, fetched: Sequence[ConsumerRecord[Any, Any]]) -> None:
        await or_stop(self._carry(fetched))

    async def _carry(self, fetched: Sequence[ConsumerRecord[Any, Any]]) -> None:
        """One fetch at a time; what was fetched under an assignment that has ended is left to whoever has it now."""
        if not await self.progress.is_known():
            return
        self.progress.dispatching = True  # also while it is asked why records do not follow on
        try:
            await self._carry_current(fetched)
        finally:
            self.progress.dispatching = False

    async def _carry_current(self, fetched: Sequence[ConsumerRecord[Any, Any]]) -> None:
        generation, records = self.progress.generation, self.progress.current(self._consumer, fetched)
        if not records or not await self.assignment.follows_on(records):
            return
        self._fetches += 1
        async with self._in_hand:
            await self._carry_and_commit(records, generation)

    async def _carry_and_commit(self, records: Sequence[ConsumerRecord[Any, Any]], generation: int) -> None:
        if self._deliveries is not None:
            await self._deliveries.carry(records)
            if generation == self.progress.generation:
                self.progress.dispatched(records)
                await self._commit(records)

    async def settled(self) -> None:
        """Returns once what is in hand has been carried, reported and committed."""
        async with self._in_hand:
            pass

    async def _commit(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        ends = {TopicPartition(record.topic, record.partition): record.offset + 1 for record in records}
        await commit(self._consumer, ends)

    async def _signs(self) -> Signs:
        return Signs(
            joined=self.progress.known.is_set() or self.membership.outside is not None,
            busy=self.progress.dispatching,
            tries=self._fetches,
            waiting=self.progress.waiting(self._consumer),
            fetched=self.progress.fetched(self._consumer),
            oldest_unsent={},
        )

    @property
    def carried(self) -> int:
        """Requests carried so far."""
        return self._deliveries.carried if self._deliveries else 0

    async def _answer_health(self, _scope: Any) -> AsgiResponse:
        partitions = list(self.progress.partitions)
        wrong = what_is_wrong(self.progress.unanswered_seconds(self._consumer), self.membership.outside)
        healthy = bool(partitions) and not wrong
        body = {"healthy": healthy, **wrong, "partitions": partitions, "next_due": None}
        behind = self.progress.behind(self._consumer)
        return json_answer(body | {"records_behind": behind}, 200 if healthy else 503)

    async def _answer_idle(self, scope: Any) -> AsgiResponse:
        since = from_milliseconds(int(scope["query_string"].decode().partition("since_ms=")[2] or 0))
        return json_answer(self.idle(since), 200)

    def idle(self, since: datetime) -> dict[str, Any]:
        """Whether the topic was seen read to its end after `since` (real time), and nothing is under way."""
        idle = self.progress.caught_up_since(self._consumer, since) and not self.progress.dispatching
        return {"idle": idle, "work": self.carried, "busy": "" if idle else "requests are read or carried"}
