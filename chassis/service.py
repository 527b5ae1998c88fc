"""Service(name, kinds) → a FastStream application: subscriber, lanes, relay, wake-ups, health, metrics."""

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

from chassis.allocator import give_back_what_is_freed
from chassis.assignment import Assignment
from chassis.begin import StoreWord
from chassis.clock import timeline
from chassis.disk import full_percent, warnings
from chassis.engine import Engine
from chassis.epoch import Epochs
from chassis.health import Health, what_is_wrong
from chassis.landmarks import stamps_at
from chassis.lanes import Lane, lane_of
from chassis.listening import Application
from chassis.loop import install_loop
from chassis.membership import Membership
from chassis.outages import quieten_clients
from chassis.passing import commit, json_answer, make_broker, records_of, subscribe
from chassis.progress import Progress, ends, from_milliseconds
from chassis.reading import Reader, Record, Wake
from chassis.relay import Relay, make_producer
from chassis.routes import Kind
from chassis.settings import Settings
from chassis.stopping import or_stop
from chassis.store import BY_KEY, Connection, connect
from chassis.telemetry import Telemetry
from chassis.turns import Chunk
from chassis.upgrading.fitting import check_fits
from chassis.wakeups import WakeUps
from chassis.watchdog import Signs, Watchdog, others_answer
from schemas.topics import PARTITIONS, by_service

IDLE_PATIENCE_SECONDS = 2.0
"""How long `/idle` waits for its answer to become yes."""
GARBAGE_THRESHOLD = 50_000
"""Objects between two searches for garbage in cycles. Batches make many objects and hardly a cycle."""
GRACE_SECONDS = 10
"""What is being judged when the process is asked to end may take as long to be committed."""


class Service:
    """One bounded context as a process: any number of them share the partitions of their topics."""

    def __init__(self, name: str, kinds: Sequence[Kind], settings: Settings | None = None) -> None:
        install_loop()
        self.name, self.kinds = name, tuple(kinds)
        self.settings = settings = settings or Settings()
        self.timeline = timeline(settings.clock_file)
        self.told = Telemetry(name)
        reader = Reader(self.kinds, timedelta(seconds=settings.future_tolerance_seconds), settings.earliest_day)
        self.engine = Engine(name, self.kinds, reader, self.timeline, PARTITIONS, self.told, settings.limits)
        self.progress = Progress(self.timeline, timedelta(milliseconds=settings.wakeup_margin_ms))
        self.relay = self._relay()
        self.epochs = Epochs(self.engine, self._connect, settings.bootstrap_servers, self.relay.at_rest)
        self.lanes = [self._lane() for _ in range(settings.lanes)]
        word = StoreWord(self._connect, partial(stamps_at, settings.bootstrap_servers), self.engine.bookmarks)
        self.assignment = Assignment(
            self.progress, self.lanes, lambda: self._consumer, settings.session_timeout_ms / 2000, word.read_up_to
        )
        self.wakeups = WakeUps(
            self.epochs.connect, reader, self._read_to, self._hand_on, lambda: self.told.work, settings.wakeup_poll_ms
        )
        self.wakeups.epoch = lambda: self.engine.epoch
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
            max_records=self.settings.batch_max_records * self.settings.lanes,
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
            self.told,
        )

    def _health(self) -> Health:
        health = Health(
            self._connect,
            self.timeline,
            lambda: self.progress.partitions,
            lambda: self.progress.behind(self._consumer),
            lambda: all(lane.idle for lane in self.lanes),
            lambda since: self.progress.caught_up_since(self._consumer, since),
            lambda: self.told.work,
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
                ("/metrics", make_asgi_app(self.told.registry)),
            ],
            on_startup=[self._start],
            on_shutdown=[self._stop],
        )

    def _lane(self) -> Lane:
        settings = self.settings
        return Lane(
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
        self.wakeups.notify()

    @property
    def _consumer(self) -> Any:
        return self._subscriber.consumer

    async def _receive(self, fetched: Sequence[ConsumerRecord[Any, Any]]) -> None:
        """Hands a fetch over to the lanes and returns: they judge and commit, this only reads ahead."""
        await or_stop(self._hand_over(fetched))

    async def _hand_over(self, fetched: Sequence[ConsumerRecord[Any, Any]]) -> None:
        if not await self.progress.is_known():
            return
        self.progress.handing_on = True  # from here on: offsets that no record follows on are asked about
        try:
            generation, records = self.progress.generation, self.progress.current(self._consumer, fetched)
            if not await self.assignment.follows_on(records):
                self.progress.revoked()
            elif generation == self.progress.generation:
                await self._share_out(records, generation)
        except Exception:
            self.progress.revoked()  # FastStream goes on after an error: nothing later may be judged or committed
            raise
        finally:
            self.progress.handing_on = False

    async def _share_out(self, records: Sequence[ConsumerRecord[Any, Any]], generation: int) -> None:
        shares: list[list[Record]] = [[] for _ in self.lanes]
        taken = list(records_of(records, self.timeline))
        self.engine.bookmarks.take(taken)
        for record in taken:
            shares[lane_of(record.partition, self.lanes)].append(record)
        self.progress.handed_on(records)
        read_to = self.progress.read_to(self._consumer)
        for lane, share in zip(self.lanes, shares, strict=True):
            if share:
                await lane.put(Chunk(share, (), read_to, generation))

    def _read_to(self) -> tuple[Mapping[int, datetime], int]:
        """How far each partition has been read; nothing may be said while a fetch is on its way to the lanes."""
        progress = self.progress
        return {} if progress.handing_on else progress.read_to(self._consumer), progress.generation

    async def _hand_on(
        self, records: Sequence[Record], wakes: Sequence[Wake], read_to: Mapping[int, datetime], generation: int
    ) -> None:
        for number, lane in enumerate(self.lanes):
            mine = [record for record in records if lane_of(record.partition, self.lanes) == number]
            woken = [wake for wake in wakes if lane_of(wake.partition, self.lanes) == number]
            await lane.put(Chunk(mine, woken, read_to, generation))

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
            await check_fits(connection, self.name, self.kinds)  # it may have been migrated since the last one
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
        jobs = (self.relay.run(), self.wakeups.run(), self.watchdog.run(), self.membership.run())
        for job in (*(lane.run() for lane in self.lanes), *jobs):
            self._tasks.append(asyncio.create_task(or_stop(job)))

    async def _stop(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await asyncio.gather(*(lane.settled() for lane in self.lanes))
        for task in self._tasks:
            task.cancel()
        await asyncio.wait([asyncio.gather(*self._tasks, return_exceptions=True)], timeout=GRACE_SECONDS)
        await self.health.close()

    async def _answer_health(self, _scope: Any) -> AsgiResponse:
        status, body = await self._told_health()
        return json_answer(body, status)

    async def _told_health(self) -> tuple[int, dict[str, Any]]:
        status, body = await self.health.health()
        body["warnings"] = warnings(full_percent(self.settings.disks))
        self.told.behind.set(body.get("records_behind", 0))
        for name in ("outbox", "overdue", "stuck"):
            getattr(self.told, name).set(body.get(name, 0))
        self.told.look()
        return status, body

    async def _signs(self) -> Signs:
        await self._told_health()  # so that the gauges are never older than a look
        return Signs(
            joined=self.progress.known.is_set() or self.membership.outside is not None,
            busy=not all(lane.idle for lane in self.lanes),
            tries=sum(lane.tries for lane in self.lanes),
            waiting=self.progress.waiting(self._consumer),
            fetched=self.progress.fetched(self._consumer),
            oldest_unsent=await self.health.oldest_unsent(self.progress.partitions),
        )

    async def _answer_idle(self, scope: Any) -> AsgiResponse:
        since = from_milliseconds(int(scope["query_string"].decode().partition("since_ms=")[2] or 0))
        return json_answer(await self.health.idle_within(since, IDLE_PATIENCE_SECONDS), 200)
