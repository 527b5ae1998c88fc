"""Records onto a topic and off it, as fast as one process can, and how far a topic has come meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from chassis.clock import monotonic
from chassis.ids import partition_of
from schemas.envelope import HEADERS
from schemas.topic import PARTITIONS

LOOK_SECONDS = 0.03
STILL_SECONDS = 2.5
"""A topic that has not grown for so long is complete; longer than any peer's interval between commits."""
STALLED_SECONDS = 60.0
_BATCH_BYTES = 512 * 1024


class TooSlow(Exception):
    """A topic does not come as far as it should; the message says how far it came."""


async def publish(bootstrap_servers: str, topic: str, records: Iterable[tuple[str, bytes]]) -> None:
    """Records of (key, value), structured CloudEvents, each into the partition of its key, in order."""
    by_partition: list[list[tuple[bytes, bytes]]] = [[] for _ in range(PARTITIONS)]
    for key, value in records:
        by_partition[partition_of(key, PARTITIONS)].append((key.encode(), value))
    async with producing(bootstrap_servers) as producer:
        await asyncio.gather(*(send(producer, topic, number, share) for number, share in enumerate(by_partition)))


def producing(bootstrap_servers: str) -> AIOKafkaProducer:
    """A producer of large batches, for `async with`."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers,
        acks="all",
        enable_idempotence=True,
        max_batch_size=_BATCH_BYTES,
        max_request_size=4 * _BATCH_BYTES,
    )


async def send(
    producer: AIOKafkaProducer, topic: str, partition: int, records: Iterable[tuple[bytes | None, bytes | None]]
) -> None:
    """Records of (key, value) to one partition, in whole batches; returns when the bus has acknowledged all."""
    batch, sent = producer.create_batch(), []
    for key, value in records:
        if batch.append(key=key, value=value, timestamp=None, headers=list(HEADERS)) is None:
            sent.append(await producer.send_batch(batch, topic, partition=partition))
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None, headers=list(HEADERS))
    if batch.record_count():
        sent.append(await producer.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*sent)


@dataclass
class Watch:
    """How far each partition of a topic can be read, looked at every 30 ms; what is not committed cannot be read yet.

    One ListOffsets request a look: watching costs the machine nothing, and measures every peer alike.
    """

    topic: str
    consumer: AIOKafkaConsumer
    partitions: tuple[TopicPartition, ...]
    seen: list[tuple[float, tuple[int, ...]]] = field(default_factory=list)
    """(seconds of the monotonic clock, end of each partition), whenever it has changed."""

    async def follow(self) -> None:
        """Looks for ever."""
        while True:
            with suppress(KafkaError):  # a topic that was just made again; the next look may find its leader
                await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> int:
        """How many offsets can be read now, markers of transactions included."""
        ends = await self.consumer.end_offsets(self.partitions)
        now = tuple(int(ends[partition]) for partition in self.partitions)
        if not self.seen or self.seen[-1][1] != now:
            self.seen.append((monotonic(), now))
        return sum(now)

    async def until(self, readable: int, alive: Callable[[], object], stalled_seconds: float = STALLED_SECONDS) -> None:
        """Returns when so many offsets can be read and nothing more came for a while.

        Raises TooSlow when nothing comes any more, and whatever `alive` raises when whoever writes the topic has ended.
        """
        started = monotonic()
        while (so_far := sum(self.ends)) < readable or monotonic() - self.seen[-1][0] < STILL_SECONDS:
            alive()
            last = self.seen[-1][0] if self.seen else started
            if monotonic() - max(started, last) > stalled_seconds:
                raise TooSlow(f"{so_far:,} of {readable:,} on {self.topic}, and nothing more for {stalled_seconds:g} s")
            await asyncio.sleep(10 * LOOK_SECONDS)

    @property
    def ends(self) -> tuple[int, ...]:
        """The end of each partition at the last look."""
        return self.seen[-1][1] if self.seen else (0,) * len(self.partitions)

    def when(self, offsets: Mapping[int, int]) -> float:
        """When all of these could be read (partition → last offset), in seconds of the monotonic clock.

        Raises LookupError while one cannot.
        """
        for at, ends in self.seen:
            if all(ends[partition] > offset for partition, offset in offsets.items()):
                return at
        raise LookupError(f"not all of {dict(offsets)} can be read on {self.topic}")

    def pace_after(self, share: float, until: float) -> float:
        """Offsets a second from when `share` of all could be read, to the instant `until`."""
        all_of_them = sum(self.ends)
        at, ends = next(look for look in self.seen if sum(look[1]) >= all_of_them * share)
        return (all_of_them - sum(ends)) / (until - at) if until > at else 0.0

    async def read(self) -> list[ConsumerRecord[bytes, bytes]]:
        """All that can be read, each partition in order."""
        consumer = self.consumer
        found: list[ConsumerRecord[bytes, bytes]] = []
        consumer.resume(*self.partitions)
        await consumer.seek_to_beginning(*self.partitions)
        for partition, end in zip(self.partitions, self.ends, strict=True):
            while await consumer.position(partition) < end:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found.extend(records)
        return found


@asynccontextmanager
async def watching(bootstrap_servers: str, topic: str) -> AsyncIterator[Watch]:
    """A watch that looks until the block ends."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
    )
    partitions = tuple(TopicPartition(topic, number) for number in range(PARTITIONS))
    await consumer.start()
    consumer.assign(partitions)
    consumer.pause(*partitions)  # it looks only, until it is asked to read
    watch = Watch(topic, consumer, partitions)
    looking = asyncio.create_task(watch.follow())
    try:
        yield watch
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await consumer.stop()
