"""A relay over a fixture's database: a producer that acknowledges when a test lets it, and what a real topic holds."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from afterward.stack.bus import Bus
from afterward.stack.topics import TopicSpec, ensure_topics
from chassis.process.metrics import Metrics
from chassis.publish.fresh import Fresh
from chassis.publish.relay import Relay, make_producer
from chassis.store.connection import Connection, connect
from schemas.topic import PARTITIONS
from tests.chassis.engine_fixture import SERVICE, EngineFixture, record
from tests.chassis.toy import reading
from tests.outbox import AS_WRITTEN

GENEROUS_SECONDS = 60


@dataclass
class FakeBatch:
    """What `create_batch` gives."""

    values: list[bytes] = field(default_factory=list)

    def append(self, *, key: bytes, value: bytes, timestamp: int | None, headers: Sequence[Any]) -> object:
        self.values.append(value)
        return object()


@dataclass
class FakeProducer:
    """A producer. `held`: futures that a test resolves by itself; `refuse`: how many batches fail."""

    hold: bool = False
    refuse: int = 0
    sent: list[bytes] = field(default_factory=list)
    held: list[asyncio.Future[object]] = field(default_factory=list)
    starts: int = 0

    async def start(self) -> None:
        self.starts += 1

    async def flush(self) -> None:
        """Nothing is kept back."""

    async def stop(self) -> None:
        """Nothing to end."""

    def create_batch(self) -> FakeBatch:
        return FakeBatch()

    async def send_batch(self, fake_batch: FakeBatch, topic: str, *, partition: int) -> asyncio.Future[object]:
        acknowledged: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        if self.refuse:
            self.refuse -= 1
            raise ConnectionResetError(topic)
        self.sent.extend(fake_batch.values)
        if self.hold:
            self.held.append(acknowledged)
        else:
            acknowledged.set_result(None)
        return acknowledged


def relay_of(
    dsn: str,
    fake_producer: FakeProducer | Bus,
    shards: Sequence[int] = range(PARTITIONS),
    send_timeout_seconds: float = 30,
    fresh: Fresh | None = None,
    asked: list[str] | None = None,
) -> Relay:
    """A relay of these shards, over a fake producer or to a real bus; without `fresh` it reads all from the store.

    `asked`: notes every statement that it asks the store.
    """

    async def connected() -> Connection:
        connection = await connect(dsn, 30)
        if asked is not None:
            connection.add_query_logger(lambda query: asked.append(query.query))
        return connection

    def producer() -> Any:
        if isinstance(fake_producer, FakeProducer):
            return fake_producer
        return make_producer(fake_producer.bootstrap_servers, fake_producer.idempotent)

    return Relay(
        connected, producer, lambda: shards, Fresh() if fresh is None else fresh, send_timeout_seconds, Metrics(SERVICE)
    )


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    """Relays at work."""
    jobs = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        yield
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)


async def say(fixture: EngineFixture, topic: str, *, cases: int = 5, hours: Sequence[int] = range(4)) -> None:
    """Each case has a reading at each hour; its events go to a topic of the test's own, whoever looks meanwhile."""
    async with fixture.connection.transaction():
        await fixture.take(*(record(reading(f"c-{case}", hour)) for hour in hours for case in range(cases)))
        await fixture.connection.execute("UPDATE archive SET topic = $1", topic)


async def unsent(fixture: EngineFixture) -> int:
    """How many events wait in the outbox."""
    return int(await fixture.connection.fetchval("SELECT count(*) FROM outbox"))


async def all_sent(fixture: EngineFixture) -> None:
    """Returns when the outbox is empty."""
    async with asyncio.timeout(GENEROUS_SECONDS):
        while await unsent(fixture):
            await asyncio.sleep(0.01)


async def written(fixture: EngineFixture) -> list[bytes]:
    """All that is in the archive, as it was written."""
    rows = await fixture.connection.fetch(f"SELECT message FROM archive {AS_WRITTEN}")
    return [row["message"] for row in rows]


async def make_topic(bus: Bus, name: str) -> str:
    """A topic of the test's own, with as many partitions as all have."""
    await ensure_topics(bus.bootstrap_servers, [TopicSpec(name, PARTITIONS)])
    return name


async def read_topic(bus: Bus, topic: str, at_least: int) -> list[ConsumerRecord[bytes, bytes]]:
    """All that a topic holds, partition by partition, once it holds so many records."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bus.bootstrap_servers,
        fetch_max_wait_ms=20,
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    await consumer.start()
    found: list[ConsumerRecord[bytes, bytes]] = []
    try:
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        async with asyncio.timeout(GENEROUS_SECONDS):
            while (more := await _more(consumer)) or len(found) < at_least:
                found.extend(more)
    finally:
        await consumer.stop()
    return found


async def _more(consumer: AIOKafkaConsumer) -> list[ConsumerRecord[bytes, bytes]]:
    fetched = await consumer.getmany(timeout_ms=50)
    return [each for records in fetched.values() for each in records]
