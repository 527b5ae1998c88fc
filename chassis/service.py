"""Service(name, kinds) → a FastStream application: subscriber, lanes, relay, wake-ups, health, metrics."""

import asyncio
import gc
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from aiokafka import ConsumerRecord
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from faststream.asgi import AsgiFastStream, AsgiResponse, get
from prometheus_client import make_asgi_app

from chassis.allocator import give_back_what_is_freed
from chassis.assignment import Assignment
from chassis.clock import timeline
from chassis.engine import Engine
from chassis.health import Health
from chassis.lanes import Lane, lane_of
from chassis.loop import install_loop
from chassis.passing import json_answer, make_broker, subscribe
from chassis.progress import Progress, arrival, ends, from_milliseconds
from chassis.quota import Limits
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

log = logging.getLogger("afterward.service")

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
        limits = Limits(settings.unprompted_steps_max, settings.reports_per_case_hour_max)
        self.engine = Engine(name, self.kinds, reader, self.timeline, PARTITIONS, self.told, limits)
        self.progress = Progress(self.timeline, timedelta(milliseconds=settings.wakeup_margin_ms))
        self.relay = Relay(
            self._connect_relay,
            lambda: make_producer(settings.bootstrap_servers, settings.producer_idempotent),
            lambda: self.progress.partitions,
            settings.send_timeout_seconds,
            self.told,
        )
        self.lanes = [self._lane() for _ in range(settings.lanes)]
        self.assignment = Assignment(
            self.progress, self.lanes, lambda: self._consumer, settings.session_timeout_ms / 2000
        )
        self.wakeups = WakeUps(
            self._connect, reader, self._read_to, self._hand_on, lambda: self.told.work, settings.wakeup_poll_ms
        )
        self.health = self._health()
        others = partial(others_answer, self._connect, settings.bootstrap_servers)
        self.watchdog = Watchdog(self._signs, others, settings.standing_still_seconds)
        self.broker = make_broker(settings, GRACE_SECONDS)
        self._subscriber = subscribe(
            self.broker,
            (topic.name for topic in by_service(name)),
            name,
            self._receive,
            listener=self.assignment,
            max_records=settings.batch_max_records * settings.lanes,
            settings=settings,
        )
        self._tasks: list[asyncio.Task[None]] = []
        self.app = self._application()

    def _health(self) -> Health:
        return Health(
            self._connect,
            self.timeline,
            lambda: self.progress.partitions,
            lambda: self.progress.behind(self._consumer),
            lambda: all(lane.idle for lane in self.lanes),
            lambda since: self.progress.caught_up_since(self._consumer, since),
            lambda: self.told.work,
        )

    def _application(self) -> AsgiFastStream:
        return AsgiFastStream(
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
            self._connect,
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
        await self.progress.known.wait()  # a fetch may be faster than the answer to where its partitions begin
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
        for record in self._records(records):
            shares[lane_of(record.partition, self.lanes)].append(record)
        self.progress.handed_on(records)
        read_to = self.progress.read_to(self._consumer)
        for lane, share in zip(self.lanes, shares, strict=True):
            if share:
                await lane.put(Chunk(share, (), read_to, generation))

    def _records(self, fetched: Sequence[ConsumerRecord[Any, Any]]) -> Iterator[Record]:
        came: dict[int, datetime] = {}  # many come in the same millisecond
        for record in fetched:
            at = came.get(record.timestamp)
            if at is None:
                at = came[record.timestamp] = self.timeline.at(arrival(record.timestamp))
            yield Record(record.topic, record.partition, record.offset, record.key, record.value, record.headers, at)

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
        if not offsets or consumer is None or generation != self.progress.generation:
            return
        try:
            await consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError) as refused:
            log.info(
                "offsets refused (%s): another has the partitions, and skips what is judged", type(refused).__name__
            )
        except KafkaError as error:
            log.warning("offsets not committed (%s); what was judged is read again and left out", type(error).__name__)

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
        for job in (*(lane.run() for lane in self.lanes), self.relay.run(), self.wakeups.run(), self.watchdog.run()):
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
        self.told.behind.set(body.get("records_behind", 0))
        for name in ("outbox", "overdue", "stuck"):
            getattr(self.told, name).set(body.get(name, 0))
        self.told.look()
        return status, body

    async def _signs(self) -> Signs:
        await self._told_health()  # so that the gauges are never older than a look
        return Signs(
            joined=self.progress.known.is_set(),
            busy=not all(lane.idle for lane in self.lanes),
            tries=sum(lane.tries for lane in self.lanes),
            waiting=self.progress.waiting(self._consumer),
            fetched=self.progress.fetched(self._consumer),
            oldest_unsent=await self.health.oldest_unsent(self.progress.partitions),
        )

    async def _answer_idle(self, scope: Any) -> AsgiResponse:
        since = from_milliseconds(int(scope["query_string"].decode().partition("since_ms=")[2] or 0))
        return json_answer(await self.health.idle_within(since, IDLE_PATIENCE_SECONDS), 200)
