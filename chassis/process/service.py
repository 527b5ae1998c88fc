"""Service(name, aggregates) → a FastStream application: subscriber, workers, relay, timers, health, metrics."""

import asyncio
import gc
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from aiokafka import ConsumerRecord
from faststream.asgi import AsgiResponse, get
from prometheus_client import make_asgi_app

from chassis.clock import timeline
from chassis.consume.assignment import Assignment
from chassis.consume.faststream_adapter import commit, json_answer, make_broker, records_of, subscribe
from chassis.consume.landmarks import stamps_at
from chassis.consume.membership import Membership
from chassis.consume.reader import Reader, Record, Wake
from chassis.consume.starting_offsets import StoreWord
from chassis.consume.turns import Chunk
from chassis.consume.watermarks import Watermarks, ends, from_milliseconds
from chassis.consume.workers import Worker, worker_of
from chassis.decide.aggregate import AnyAggregate
from chassis.process.disk import full_percent, warnings
from chassis.process.event_loop import install_loop
from chassis.process.health import Health, what_is_wrong
from chassis.process.http import Application
from chassis.process.malloc import give_back_what_is_freed
from chassis.process.metrics import Metrics
from chassis.process.outages import quieten_clients
from chassis.process.settings import Settings
from chassis.process.shutdown import or_stop
from chassis.process.watchdog import Signs, Watchdog, others_answer
from chassis.publish.relay import Relay, make_producer
from chassis.store.connection import BY_KEY, Connection, connect
from chassis.store.engine import Engine
from chassis.store.epoch import Epochs
from chassis.store.upgrading.fitting import check_fits
from chassis.timers import Timers
from schemas.topics import PARTITIONS, by_service

IDLE_PATIENCE_SECONDS = 2.0
"""How long `/idle` waits for its answer to become yes."""
GARBAGE_THRESHOLD = 50_000
"""Objects between two searches for garbage in cycles. Batches make many objects and hardly a cycle."""
GRACE_SECONDS = 10
"""What is being judged when the process is asked to end may take as long to be committed."""


class Service:
    """One bounded context as a process: any number of them share the partitions of their topics."""

    def __init__(self, name: str, aggregates: Sequence[AnyAggregate], settings: Settings | None = None) -> None:
        install_loop()
        self.name, self.aggregates = name, tuple(aggregates)
        self.settings = settings = settings or Settings()
        self.timeline = timeline(settings.clock_file)
        self.metrics = Metrics(name)
        reader = Reader(self.aggregates, timedelta(seconds=settings.future_tolerance_seconds), settings.earliest_day)
        self.engine = Engine(name, self.aggregates, reader, self.timeline, PARTITIONS, self.metrics, settings.limits)
        self.progress = Watermarks(self.timeline, timedelta(milliseconds=settings.wakeup_margin_ms))
        self.relay = self._relay()
        self.epochs = Epochs(self.engine, self._connect, settings.bootstrap_servers, self.relay.at_rest)
        self.workers = [self._worker() for _ in range(settings.workers)]
        word = StoreWord(self._connect, partial(stamps_at, settings.bootstrap_servers), self.engine.read_offsets)
        self.assignment = Assignment(
            self.progress, self.workers, lambda: self._consumer, settings.session_timeout_ms / 2000, word.read_up_to
        )
        self.timers = Timers(
            self.epochs.connect,
            reader,
            self._watermark,
            self._dispatch_due,
            lambda: self.metrics.work,
            settings.wakeup_poll_ms,
        )
        self.timers.epoch = lambda: self.engine.epoch
        self.health = self._health()
        others = partial(others_answer, self._connect, settings.bootstrap_servers)
        self.watchdog = Watchdog(self._signs, others, settings.standing_still_seconds)
        self.broker = make_broker(settings, GRACE_SECONDS)
        self._subscriber = self._subscribe()
        self.membership = Membership(
            name, self._subscriber, self.health.store_id, self.progress, settings.store_silent_seconds
        )
        self.assignment.give_back = self.membership.give_back
        self._tasks: list[asyncio.Task[None]] = []
        self.app = self._application()

    def _subscribe(self) -> Any:
        subscriber = subscribe(
            self.broker,
            (topic.name for topic in by_service(self.name)),
            self.name,
            self._receive,
            listener=self.assignment,
            max_records=self.settings.batch_max_records * self.settings.workers,
            settings=self.settings,
        )
        subscriber.start = self.epochs.before(subscriber.start)
        return subscriber

    def _relay(self) -> Relay:
        settings = self.settings
        return Relay(
            self._connect_relay,
            lambda: make_producer(settings.bootstrap_servers, settings.producer_idempotent),
            lambda: self.progress.partitions,
            settings.send_timeout_seconds,
            self.metrics,
        )

    def _health(self) -> Health:
        health = Health(
            self._connect,
            self.timeline,
            lambda: self.progress.partitions,
            lambda: self.progress.behind(self._consumer),
            lambda: all(worker.idle for worker in self.workers),
            lambda since: self.progress.caught_up_since(self._consumer, since),
            lambda: self.metrics.work,
        )
        health.what_else = self._what_is_wrong
        return health

    def _what_is_wrong(self) -> Mapping[str, str]:
        return what_is_wrong(self.progress.unanswered_seconds(self._consumer), self.membership.outside)

    def _application(self) -> Application:
        return Application(
            self.broker,
            asgi_routes=[
                ("/health", get(self._answer_health)),
                ("/idle", get(self._answer_idle)),
                ("/metrics", make_asgi_app(self.metrics.registry)),
            ],
            on_startup=[self._start],
            on_shutdown=[self._stop],
        )

    def _worker(self) -> Worker:
        settings = self.settings
        return Worker(
            self.engine,
            self.epochs.connect,
            self._commit,
            lambda: self.progress.generation,
            self._judged,
            settings.batch_max_records,
            settings.read_ahead_max_bytes,
        )

    def _judged(self) -> None:
        self.relay.notify()
        self.timers.notify()

    @property
    def _consumer(self) -> Any:
        return self._subscriber.consumer

    async def _receive(self, fetched: Sequence[ConsumerRecord[Any, Any]]) -> None:
        """Hands a fetch over to the workers and returns: they judge and commit, this only reads ahead."""
        await or_stop(self._dispatch(fetched))

    async def _dispatch(self, fetched: Sequence[ConsumerRecord[Any, Any]]) -> None:
        if not await self.progress.is_known():
            return
        self.progress.dispatching = True  # from here on: offsets that no record follows on are asked about
        try:
            generation, records = self.progress.generation, self.progress.current(self._consumer, fetched)
            if not await self.assignment.follows_on(records):
                self.progress.revoked()
            elif generation == self.progress.generation:
                await self._divide(records, generation)
        except Exception:
            self.progress.revoked()  # FastStream goes on after an error: nothing later may be judged or committed
            raise
        finally:
            self.progress.dispatching = False

    async def _divide(self, records: Sequence[ConsumerRecord[Any, Any]], generation: int) -> None:
        shares: list[list[Record]] = [[] for _ in self.workers]
        taken = list(records_of(records, self.timeline))
        self.engine.read_offsets.take(taken)
        for record in taken:
            shares[worker_of(record.partition, self.workers)].append(record)
        self.progress.dispatched(records)
        watermark = self.progress.watermark(self._consumer)
        for worker, share in zip(self.workers, shares, strict=True):
            if share:
                await worker.put(Chunk(share, (), watermark, generation))

    def _watermark(self) -> tuple[Mapping[int, datetime], int]:
        """How far each partition has been read; nothing may be said while a fetch is on its way to the workers."""
        progress = self.progress
        return {} if progress.dispatching else progress.watermark(self._consumer), progress.generation

    async def _dispatch_due(
        self, records: Sequence[Record], wakes: Sequence[Wake], watermark: Mapping[int, datetime], generation: int
    ) -> None:
        for number, worker in enumerate(self.workers):
            mine = [record for record in records if worker_of(record.partition, self.workers) == number]
            woken = [wake for wake in wakes if worker_of(wake.partition, self.workers) == number]
            await worker.put(Chunk(mine, woken, watermark, generation))

    async def _commit(self, records: Sequence[Record], generation: int) -> None:
        offsets = ends(records)
        consumer = self._consumer
        if offsets and consumer is not None and generation == self.progress.generation:
            await commit(consumer, offsets)

    async def _connect(self, **more: str) -> Connection:
        """A frozen process must not keep its rows locked: the server ends its transaction, and another takes over.

        Whoever is frozen within a statement, half of which the server has heard, does not count as idle there; only
        the deadline of the whole transaction ends that (PostgreSQL 17).
        """
        connection = await connect(
            self.settings.database_dsn,
            self.settings.statement_timeout_seconds,
            idle_in_transaction_session_timeout=self._silent_ms,
            **BY_KEY,
            transaction_timeout=str(round(self.settings.statement_timeout_seconds * 1000)),
            **more,
        )
        try:
            await check_fits(connection, self.name, self.aggregates)  # it may have been migrated since the last one
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _connect_relay(self) -> Connection:
        return await self._connect(idle_session_timeout=self._silent_ms)

    @property
    def _silent_ms(self) -> str:
        return str(self.settings.shard_session_timeout_seconds * 1000)

    async def _start(self) -> None:
        give_back_what_is_freed()
        gc.freeze()  # what was imported stays: nobody need look through it again
        gc.set_threshold(GARBAGE_THRESHOLD, 20, 50)
        logging.getLogger("uvicorn.access").setLevel(logging.WARNING)  # probes ask every second
        quieten_clients()
        jobs = (self.relay.run(), self.timers.run(), self.watchdog.run(), self.membership.run())
        for job in (*(worker.run() for worker in self.workers), *jobs):
            self._tasks.append(asyncio.create_task(or_stop(job)))

    async def _stop(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await asyncio.gather(*(worker.settled() for worker in self.workers))
        for task in self._tasks:
            task.cancel()
        await asyncio.wait([asyncio.gather(*self._tasks, return_exceptions=True)], timeout=GRACE_SECONDS)
        await self.health.close()

    async def _answer_health(self, _scope: Any) -> AsgiResponse:
        status, body = await self._health_body()
        return json_answer(body, status)

    async def _health_body(self) -> tuple[int, dict[str, Any]]:
        status, body = await self.health.health()
        body["warnings"] = warnings(full_percent(self.settings.disks))
        self.metrics.behind.set(body.get("records_behind", 0))
        for name in ("outbox", "overdue", "blocked"):
            getattr(self.metrics, name).set(body.get(name, 0))
        self.metrics.look()
        return status, body

    async def _signs(self) -> Signs:
        await self._health_body()  # so that the gauges are never older than a look
        return Signs(
            joined=self.progress.known.is_set() or self.membership.outside is not None,
            busy=not all(worker.idle for worker in self.workers),
            tries=sum(worker.tries for worker in self.workers),
            waiting=self.progress.waiting(self._consumer),
            fetched=self.progress.fetched(self._consumer),
            oldest_unsent=await self.health.oldest_unsent(self.progress.partitions),
        )

    async def _answer_idle(self, scope: Any) -> AsgiResponse:
        since = from_milliseconds(int(scope["query_string"].decode().partition("since_ms=")[2] or 0))
        return json_answer(await self.health.idle_within(since, IDLE_PATIENCE_SECONDS), 200)
