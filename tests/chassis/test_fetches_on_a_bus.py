"""Topics that lie far apart on a real bus are read in step, and one that is silent keeps nobody waiting."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from afterward.stack.bus import Bus
from afterward.stack.topics import TopicSpec, ensure_topics
from chassis.clock import RealTime, real_now
from chassis.consume import fetches
from chassis.consume.faststream_adapter import LONGEST_FETCH_MS, RECORD_MAX_BYTES
from chassis.consume.fetches import Fetches
from chassis.consume.watermarks import Watermarks
from tests.chassis.fake_producer import GENEROUS_SECONDS

NUMBERS = 3
EVENINGS = 5
NEVER_SECONDS = 3_600.0
VALUE = b"x" * 1_000


@dataclass
class Reading:
    """A consumer of some topics, read as a process reads them."""

    consumer: AIOKafkaConsumer
    fetches: Fetches
    out: list[ConsumerRecord[Any, Any]] = field(default_factory=list)

    async def until(self, number: int) -> None:
        """Reads on until so many records have come out. Raises TimeoutError."""
        async with asyncio.timeout(GENEROUS_SECONDS):
            while len(self.out) < number:
                self.out += await self.fetches.next(self.consumer, LONGEST_FETCH_MS)


@dataclass
class Holding:
    """Whoever has the consumer."""

    consumer: Any


@pytest.fixture
async def topics(bus: Bus, request: pytest.FixtureRequest) -> Sequence[str]:
    """Three empty topics of the test's own."""
    names = [f"step-{request.node.originalname[5:45]}-{letter}" for letter in "abc"]
    stamped = {"message.timestamp.type": "LogAppendTime"}
    await ensure_topics(bus.bootstrap_servers, [TopicSpec(name, NUMBERS, stamped) for name in names])
    return names


@asynccontextmanager
async def reading(bus: Bus, topics: Sequence[str]) -> AsyncIterator[Reading]:
    """From the beginning, with the bounds of a process."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bus.bootstrap_servers,
        enable_auto_commit=False,
        isolation_level="read_committed",
        fetch_max_wait_ms=bus.fetch_max_wait_ms,
        max_partition_fetch_bytes=RECORD_MAX_BYTES,
        fetch_max_bytes=RECORD_MAX_BYTES,
    )
    async with consumer:
        partitions = [TopicPartition(topic, number) for topic in topics for number in range(NUMBERS)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        watermarks = Watermarks(RealTime(), timedelta(0), Holding(consumer))
        watermarks.assigned(dict.fromkeys(partitions, 0))
        yield Reading(consumer, Fetches(watermarks, 2_000))


async def tell(bus: Bus, topic: str, records: int, *numbers: int) -> None:
    """So many records in each of these partitions; they are on the bus when this returns."""
    async with AIOKafkaProducer(bootstrap_servers=bus.bootstrap_servers, acks="all", linger_ms=20) as producer:
        stamp = int(real_now().timestamp() * 1000)  # for the bus that has no time of its own
        sent = [await producer.send(topic, VALUE, b"k", number, stamp) for number in numbers for _ in range(records)]
        await asyncio.gather(*sent)


async def courses(bus: Bus, topics: Sequence[str]) -> int:
    """Evening for evening, one topic after the other: the first holds more than a fetch brings, the last little."""
    for _ in range(EVENINGS):
        for topic, records in zip(topics, (600, 120, 3), strict=True):
            await tell(bus, topic, records, *range(NUMBERS))
            await asyncio.sleep(0.002)  # stamps are whole milliseconds
    return EVENINGS * NUMBERS * (600 + 120 + 3)


def assert_whole_and_in_order(out: Sequence[ConsumerRecord[Any, Any]], records: int) -> None:
    """Each partition number by time, each partition by offset, nothing twice."""
    assert len({(one.topic, one.partition, one.offset) for one in out}) == len(out) == records
    for number in range(NUMBERS):
        mine = [one for one in out if one.partition == number]
        assert all(before.timestamp <= after.timestamp for before, after in pairwise(mine))
        for topic in {one.topic for one in mine}:
            places = [one.offset for one in mine if one.topic == topic]
            assert places == sorted(places)


async def test_after_an_outage_topics_are_read_in_the_order_of_their_time(bus: Bus, topics: Sequence[str]) -> None:
    records = await courses(bus, topics)
    async with reading(bus, topics) as it:
        await it.until(records)
    assert_whole_and_in_order(it.out, records)


async def test_a_bound_that_one_topic_fills_keeps_none_behind_it_from_coming(
    bus: Bus, topics: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetches, "HELD_BYTES", 10_000)
    records = await courses(bus, topics)
    async with reading(bus, topics) as it:
        await it.until(records)
    assert_whole_and_in_order(it.out, records)


async def test_a_topic_that_is_read_to_its_end_is_not_waited_for(
    bus: Bus, topics: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is one that never held anything."""
    monkeypatch.setattr(fetches, "PATIENCE_SECONDS", NEVER_SECONDS)
    await tell(bus, topics[0], 1, 0)
    async with reading(bus, topics) as it:
        await it.until(1)
        for number in range(2, 6):
            await tell(bus, topics[number % 2], 1, 0)
            await it.until(number)


async def test_a_topic_that_says_nothing_of_itself_is_waited_for_and_given_up_until_it_speaks(
    bus: Bus, topics: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one does whose broker is gone."""
    silent = TopicPartition(topics[1], 0)
    monkeypatch.setattr(fetches, "PATIENCE_SECONDS", 0.3)
    await tell(bus, topics[1], 2, 0)
    await tell(bus, topics[0], 2, 0)
    async with reading(bus, topics) as it:
        it.consumer.pause(silent)
        await it.until(2)
        assert {one.topic for one in it.out} == {topics[0]}
        it.consumer.resume(silent)
        await it.until(4)
        assert [one.offset for one in it.out if one.topic == silent.topic] == [0, 1]
