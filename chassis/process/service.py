"""Service(name, aggregates) → a FastStream application: a process that judges its topics and publishes what follows."""

from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from chassis.consume.dispatch import Workers
from chassis.consume.publishers import Publishers
from chassis.consume.reader import Reader, Record
from chassis.consume.workers import Worker
from chassis.decide.aggregate import AnyAggregate
from chassis.process.process import Process
from chassis.process.settings import Settings
from chassis.process.survey import SURVEYING, Survey
from chassis.publish.relay import Relay
from chassis.questions.application import QuestionsApplication
from chassis.questions.authentication import authentication_of
from chassis.questions.pool import READ_ONLY, Pool
from chassis.questions.question import NO_QUESTIONS, Questions
from chassis.store.connection import BY_KEY, Connection
from chassis.store.engine import Engine
from chassis.store.epoch import Epochs
from chassis.store.known_now import KnownNow
from chassis.store.upgrading.fitting import check_fits
from chassis.timers import Timers
from schemas.topic import PARTITIONS
from schemas.topics import by_service, registry


class Service(Process):
    """One bounded context as a process: any number of them share the partitions of their topics.

    `counts`: what else it counts for `/health` and the metrics: the name of a gauge → a statement that counts.
    `questions`: what it may be asked over HTTP, beside what every service may.
    `survey`: a statement that counts what a health authority asks for, for the metrics (`Survey`); None: nothing.
    """

    def __init__(
        self,
        name: str,
        aggregates: Sequence[AnyAggregate],
        settings: Settings | None = None,
        counts: Mapping[str, str] = MappingProxyType({}),
        questions: Questions = NO_QUESTIONS,
        survey: str | None = None,
    ) -> None:
        super().__init__(name, settings)
        self.aggregates, self._counts = tuple(aggregates), counts
        self._survey = survey
        self.questions = self.app.questions = self._questions(questions)
        settings = self.settings
        self.engine = self._engine()
        topics = [topic.name for topic in by_service(name)]
        self.read(topics, settings.batch_max_records * settings.workers, self.engine.read_offsets)
        self.relay = Relay(
            self._connect_relay,
            self.make_producer,
            self._shards,
            self.engine.fresh,
            settings.send_timeout_seconds,
            self.metrics,
        )
        self.epochs = Epochs(self.engine, self.connect, settings.bus, self.relay.at_rest)
        self.workers = Workers([self._worker() for _ in range(settings.workers)])
        self.known_now = KnownNow(self.epochs.connect, self.consumption.watermarks, registry().__contains__)
        self.timers = Timers(
            self.epochs.connect, self.engine, self.consumption.watermarks, self.workers, settings.wakeup_poll_ms
        )

    def _engine(self) -> Engine:
        settings = self.settings
        tolerance = timedelta(seconds=settings.future_tolerance_seconds)
        publishers = Publishers(settings.principal_header, settings.publishers_file)
        reader = Reader(self.aggregates, tolerance, settings.earliest_day, publishers)
        engine = Engine(self.name, self.aggregates, reader, self.timeline, PARTITIONS, self.metrics, settings.limits)
        engine.tracing = self.tracing
        return engine

    def _questions(self, table: Questions) -> QuestionsApplication:
        settings = self.settings
        pool = Pool(self._connect_questions, settings.question_connections, settings.question_timeout_seconds)
        return QuestionsApplication(self.name, self.aggregates, table, pool, self.timeline, authentication_of(settings))

    def _worker(self) -> Worker:
        return Worker(
            self.engine,
            self.epochs.connect,
            self.consumption,
            self._judged,
            self.settings.batch_max_records,
            self.settings.read_ahead_max_bytes,
        )

    def _judged(self) -> None:
        self.relay.notify()
        self.timers.notify()

    def _shards(self) -> Sequence[int]:
        return self.consumption.watermarks.partitions

    async def before_joining(self) -> None:
        """It is known in which epoch events are stated before there is anything to judge."""
        self.engine.epoch = await self.epochs.begin()

    async def take(self, records: Sequence[Record], generation: int) -> None:
        """Hands records over to the workers, which judge and commit: this only reads ahead."""
        self.engine.read_offsets.take(records)
        await self.workers.dispatch(records, (), self.consumption.watermarks.watermark(), generation)

    async def settled(self) -> None:
        """Returns once the batches at hand are committed."""
        await self.workers.settled()

    @property
    def busy(self) -> bool:
        """Whether something has been handed over that is not judged yet."""
        return not self.workers.idle

    @property
    def tries(self) -> int:
        """Transactions begun, in vain or not."""
        return self.workers.tries

    async def figures(self) -> Mapping[str, Any]:
        """Its backlog, and what else it counts. Raises what the store raises."""
        counted = {name: await self.store.count(statement) for name, statement in self._counts.items()}
        return asdict(await self.store.backlog()) | {"epoch": self.engine.epoch} | counted

    async def left(self) -> str:
        """What is left of its backlog until the clock goes on, for people. Raises what the store raises."""
        return (await self.store.backlog()).left

    async def oldest_unsent(self) -> Mapping[int, int]:
        """Of the shards that are this process's to send."""
        return await self.store.oldest_unsent(self._shards())

    def jobs(self) -> Iterable[Coroutine[Any, Any, None]]:
        """It judges, publishes and wakes what is due besides."""
        return (
            *self.workers.jobs(),
            self.relay.run(),
            self.timers.run(),
            self.known_now.run(),
            *self._surveys(),
            *super().jobs(),
        )

    def _surveys(self) -> Iterable[Coroutine[Any, Any, None]]:
        if self._survey is not None:
            pause_seconds = self.settings.survey_seconds
            yield Survey(self._connect_surveying, self.timeline, self._survey, self.metrics, pause_seconds).run()

    async def close(self) -> None:
        """Its questions' connections too."""
        self.questions.close()
        await super().close()

    async def connect(self, **more: str) -> Connection:
        """To a database that fits this version of the code: it may have been migrated since the last connection."""
        return await self._fitting(await super().connect(**BY_KEY, **more))

    async def _connect_surveying(self) -> Connection:
        return await self._fitting(await super().connect(**SURVEYING))

    async def _connect_questions(self) -> Connection:
        return await self._fitting(await super().connect(**READ_ONLY))

    async def _fitting(self, connection: Connection) -> Connection:
        try:
            await check_fits(connection, self.name, self.aggregates)
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _connect_relay(self) -> Connection:
        """It only notes what the bus has, which is sent again where the note was lost: it waits for no disk."""
        return await self.connect(idle_session_timeout=self.silent_ms, synchronous_commit="off")
