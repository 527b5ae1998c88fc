"""A process that reads topics in a consumer group: its start and end, its store, its health, and who watches it."""

import asyncio
import gc
import logging
from abc import ABC, abstractmethod
from collections.abc import Collection, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from aiokafka import AIOKafkaProducer
from faststream.asgi import AsgiResponse, get
from prometheus_client import make_asgi_app

from chassis.clock import timeline
from chassis.consume.consumption import Consumption
from chassis.consume.faststream_adapter import make_broker
from chassis.consume.lag import Lags
from chassis.consume.read_offsets import ReadOffsets
from chassis.consume.reader import Record
from chassis.consume.watermarks import from_milliseconds
from chassis.process.diagnosis import Diagnosis
from chassis.process.disk import full_percent, warnings
from chassis.process.event_loop import install_loop
from chassis.process.health import Health, StoreProbe
from chassis.process.http import Application, json_answer
from chassis.process.malloc import give_back_what_is_freed
from chassis.process.metrics import Metrics
from chassis.process.outages import quieten_clients
from chassis.process.server_tls import server_tls_of
from chassis.process.settings import Settings
from chassis.process.shutdown import is_ending, or_stop
from chassis.process.watchdog import Signs, Watchdog, others_answer
from chassis.publish.relay import make_producer
from chassis.publish.traces import Tracing
from chassis.store.connection import Connection, connect
from schemas.topics import published_by

if TYPE_CHECKING:
    from chassis.process.span_export import Collector

IDLE_PATIENCE_SECONDS = 2.0
"""How long `/idle` waits for its answer to become yes."""
GARBAGE_THRESHOLD = 50_000
"""Objects between two searches for garbage in cycles. Batches make many objects and hardly a cycle."""
GRACE_SECONDS = 10
"""What is in hand when the process is asked to end may take as long to be committed."""


class Process(ABC):
    """What every process of a service has; what it does with the records, its subclass says.

    A subclass calls `read` once, at the end of its construction or before it needs `consumption`.
    """

    handling_seconds: ClassVar[float] = GRACE_SECONDS
    """So long a fetch that is being handed on may take when the process is asked to end."""
    consumption: Consumption
    health: Health
    lags: Lags
    watchdog: Watchdog
    diagnosis: Diagnosis

    def __init__(self, name: str, settings: Settings | None = None) -> None:
        install_loop()
        self.name = name
        self.settings = settings or Settings()
        self.timeline = timeline(self.settings.clock_file)
        self.metrics = Metrics(name)
        self._collector = self._open_collector()
        self.tracing: Tracing | None = None
        if self._collector is not None:
            self.tracing = Tracing(name, self.settings.traces_ratio, self._collector.take)
        self.store = StoreProbe(self.connect, self.timeline)
        self.broker = make_broker(self.settings, self.handling_seconds)
        self.app = self._application()
        self._tasks: list[asyncio.Task[None]] = []

    def read(self, topics: Collection[str], max_records: int, read_offsets: ReadOffsets | None = None) -> None:
        """Its group, which has its name, shares these topics out.

        `read_offsets`: its store says where each partition is read on; without them, what the group has committed.
        """
        self.consumption = Consumption(self.name, topics, self, self.broker, max_records, read_offsets)
        self.lags = Lags(self.consumption.watermarks, read_offsets)
        self.health = Health(self.consumption.watermarks, self.consumption.membership, self)
        used = {*topics, *(topic.name for topic in published_by(self.name))}
        self.diagnosis = Diagnosis(self.settings.bus, used, lambda: self.consumption.has_joined)
        others = partial(others_answer, self.connect, self.settings.bus)
        self.watchdog = Watchdog(self.signs, others, self.settings.standing_still_seconds)

    @abstractmethod
    async def before_joining(self) -> None:
        """Returns when it is ready to be given partitions."""

    @abstractmethod
    async def take(self, records: Sequence[Record], generation: int) -> None:
        """Takes what was fetched; while it does, nothing more is fetched (`Consumption`)."""

    @abstractmethod
    async def settled(self) -> None:
        """Returns once what is in hand has been done and committed."""

    @property
    @abstractmethod
    def busy(self) -> bool:
        """Whether something is in hand."""

    @property
    @abstractmethod
    def tries(self) -> int:
        """A number that grows whenever something is tried, in vain or not."""

    @property
    def work(self) -> int:
        """A number that grows with everything done."""
        return self.metrics.work

    async def figures(self) -> Mapping[str, Any]:
        """What is left to do, for `/health`. Raises what the store raises."""
        return {}

    async def left(self) -> str:
        """What is left to do, for people; empty when nothing is. Raises what the store raises."""
        return ""

    async def oldest_unsent(self) -> Mapping[int, int]:
        """Shard → number of the oldest unsent event, for each that has one. Raises what the store raises."""
        return {}

    async def begin(self) -> None:
        """What has to be done before the jobs begin."""
        give_back_what_is_freed()
        gc.freeze()  # what was imported stays: nobody need look through it again
        gc.set_threshold(GARBAGE_THRESHOLD, 20, 50)
        logging.getLogger("uvicorn.access").setLevel(logging.WARNING)  # probes ask every second
        quieten_clients()
        if self._collector is not None:
            self._collector.start()

    async def close(self) -> None:
        """Lets go what it has open."""
        self.store.close()
        if self._collector is not None:
            await self._collector.close()

    def jobs(self) -> Iterable[Coroutine[Any, Any, None]]:
        """What is done for as long as the process lives."""
        return self.watchdog.run(), self.consumption.run(), self.diagnosis.run()

    async def store_id(self) -> str:
        """Which store it has. Raises what the store raises, and LookupError when that has no identity."""
        return await self.store.store_id()

    async def connect(self, **more: str) -> Connection:
        """A frozen process must not keep its rows locked: the server ends its transaction, and another takes over.

        Whoever is frozen within a statement, half of which the server has heard, does not count as idle there; only
        the deadline of the whole transaction ends that (PostgreSQL 17).
        """
        return await connect(
            self.settings.database,
            self.settings.statement_timeout_seconds,
            idle_in_transaction_session_timeout=self.silent_ms,
            transaction_timeout=str(round(self.settings.statement_timeout_seconds * 1000)),
            **more,
        )

    def _open_collector(self) -> "Collector | None":
        """Who takes spans; None where no traces are asked for."""
        if self.settings.otlp_endpoint is None:
            return None
        from chassis.process.span_export import Collector  # noqa: PLC0415 - only who sends traces has the SDK

        return Collector(self.settings.otlp_endpoint, self.name, self.metrics)

    def make_producer(self) -> AIOKafkaProducer:
        """A producer that is not started."""
        return make_producer(self.settings.bus, self.settings.producer_idempotent)

    @property
    def silent_ms(self) -> str:
        """For how long a connection may be silent where that holds up others, in milliseconds."""
        return str(self.settings.shard_session_timeout_seconds * 1000)

    async def _start(self) -> None:
        await self.begin()
        for job in self.jobs():
            self._tasks.append(asyncio.create_task(or_stop(job)))

    async def _stop(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await self.settled()
        for task in self._tasks:
            task.cancel()
        await asyncio.wait([asyncio.gather(*self._tasks, return_exceptions=True)], timeout=GRACE_SECONDS)
        await self.close()

    async def signs(self) -> Signs:
        """What the watchdog looks at. Raises what the store raises."""
        await self.health_body()  # so that the gauges are never older than a look
        watermarks = self.consumption.watermarks
        return Signs(
            joined=self.consumption.has_joined,
            busy=self.busy,
            tries=self.tries,
            waiting=watermarks.waiting(),
            fetched=watermarks.fetched(),
            oldest_unsent=await self.oldest_unsent(),
        )

    async def health_body(self) -> tuple[int, dict[str, Any]]:
        """Status and body of `/health`."""
        status, body = await self.health.health()
        body["warnings"] = warnings(full_percent(self.settings.disks))
        if (why := self.diagnosis.why) is not None:
            body["bus"] = why
        self.metrics.show(body, self.timeline.now())
        self.metrics.show_lag(self.lags.look())
        return status, body

    def _application(self) -> Application:
        app = Application(
            self.broker,
            asgi_routes=[
                ("/health", get(self._answer_health)),
                ("/readyz", get(self._answer_health)),
                ("/livez", get(self._answer_alive)),
                ("/idle", get(self._answer_idle)),
                ("/metrics", make_asgi_app(self.metrics.registry)),
            ],
            on_startup=[self._start],
            on_shutdown=[self._stop],
        )
        app.tls = server_tls_of(self.settings)
        app.log_lines = self.name, self.settings.log_level, self.settings.log_format
        return app

    async def _answer_alive(self, _scope: Any) -> AsgiResponse:
        """That the event loop turns; whoever has ended itself, having stood still, is to be started anew."""
        alive = not is_ending()
        return json_answer({"alive": alive}, 200 if alive else 503)

    async def _answer_health(self, _scope: Any) -> AsgiResponse:
        status, body = await self.health_body()
        return json_answer(body, status)

    async def _answer_idle(self, scope: Any) -> AsgiResponse:
        self.consumption.holding.expect()
        since = from_milliseconds(int(scope["query_string"].decode().partition("since_ms=")[2] or 0))
        return json_answer(await self.health.idle_within(since, IDLE_PATIENCE_SECONDS), 200)
