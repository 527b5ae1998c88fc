"""What is asked of the consumer while a topic is waited for; what was held under another assignment is void."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiokafka import ConsumerRecord, TopicPartition

from chassis.clock import RealTime
from chassis.consume import fetches
from chassis.consume.fetches import FEW, LOOK_COUNTS_SECONDS, LOOK_MS, PATIENCE_SECONDS, Fetches
from chassis.consume.watermarks import NEVER, Watermarks
from tests.chassis.consumer import FakeConsumer, Holder

LONGEST_MS, MOST = 1_000, 500
REPORTS, EVENTS = TopicPartition("reports", 3), TopicPartition("events", 3)
Records = list[ConsumerRecord[Any, Any]]
Question = tuple[tuple[TopicPartition, ...], int, int]


@dataclass
class Consumer(FakeConsumer):
    """It has fetched `ready` and gives it out when asked; what it was asked is noted."""

    ready: dict[TopicPartition, Records] = field(default_factory=dict)
    asked: list[Question] = field(default_factory=list)

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int, max_records: int
    ) -> Mapping[TopicPartition, Sequence[ConsumerRecord[Any, Any]]]:
        self.asked.append((partitions, timeout_ms, max_records))
        given = {}
        for partition in [one for one in self.ready if not partitions or one in partitions]:
            records = self.ready.pop(partition)
            self.states[partition].position = records[-1].offset + 1
            given[partition] = records
        return given

    def has_fetched(self, partition: TopicPartition, *seconds_ago: float, end: int | None = None) -> None:
        """An answer lies here: records from where it has given out, which came so many seconds ago."""
        begin = self.states[partition].position or 0
        if seconds_ago:
            self.ready[partition] = [self.record(partition, begin + n, ago) for n, ago in enumerate(seconds_ago)]
        self.fetched(partition, end=begin + len(seconds_ago) if end is None else end, seconds_ago=0, position=begin)


@pytest.fixture
def consumer() -> Consumer:
    """It has begun to read two topics and has had no answer yet."""
    consumer = Consumer()
    for partition in (REPORTS, EVENTS):
        consumer.fetched(partition, end=0, seconds_ago=0)
        consumer.states[partition].highwater = None
    return consumer


@pytest.fixture
def watermarks(consumer: Consumer) -> Watermarks:
    watermarks = Watermarks(RealTime(), timedelta(0), Holder(consumer))
    watermarks.assigned({REPORTS: 0, EVENTS: 0})
    return watermarks


@pytest.fixture
def reading(watermarks: Watermarks) -> Fetches:
    return Fetches(watermarks, MOST)


async def offsets(reading: Fetches, consumer: Consumer) -> list[tuple[str, int]]:
    return [(one.topic, one.offset) for one in await reading.next(consumer, LONGEST_MS)]


async def test_while_nothing_is_held_everything_is_asked_for_and_a_lone_record_does_not_wait(
    reading: Fetches, consumer: Consumer
) -> None:
    consumer.has_fetched(REPORTS, 5)
    consumer.has_fetched(EVENTS)
    assert await offsets(reading, consumer) == [("reports", 0)]
    assert await offsets(reading, consumer) == []
    assert consumer.asked == [((), LONGEST_MS, MOST)] * 2


async def test_the_topic_that_is_waited_for_is_asked_first_and_the_one_ahead_is_left_where_it_is(
    reading: Fetches, consumer: Consumer
) -> None:
    consumer.has_fetched(REPORTS, 9, 3)
    assert await offsets(reading, consumer) == []
    consumer.has_fetched(REPORTS, 2)
    assert await offsets(reading, consumer) == []
    assert consumer.asked[1:] == [((EVENTS,), 0, MOST), ((EVENTS,), LOOK_MS, MOST)]
    assert REPORTS in consumer.ready
    consumer.has_fetched(EVENTS, 7, 5)
    assert await offsets(reading, consumer) == [("reports", 0), ("events", 0), ("events", 1), ("reports", 1)]
    assert consumer.asked[3:] == [((EVENTS,), 0, MOST)]


async def test_beyond_its_bound_it_takes_few_at_a_time(
    reading: Fetches, consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetches, "HELD_BYTES", 1)
    consumer.has_fetched(REPORTS, 9)
    for _ in range(2):
        assert await offsets(reading, consumer) == []
    assert consumer.asked[-1] == ((EVENTS,), LOOK_MS, FEW)


async def test_what_was_held_of_an_assignment_that_is_over_is_fetched_again(
    reading: Fetches, consumer: Consumer, watermarks: Watermarks
) -> None:
    consumer.has_fetched(REPORTS, 9)
    assert await offsets(reading, consumer) == []
    watermarks.revoked()
    consumer.has_fetched(REPORTS, 8)
    assert await offsets(reading, consumer) == [("reports", 1)], "which whoever takes it leaves out"
    watermarks.assigned({REPORTS: 0})
    consumer.states[REPORTS].position = 0
    consumer.has_fetched(REPORTS, 9, 8)
    assert await offsets(reading, consumer) == [("reports", 0), ("reports", 1)]


async def test_what_is_held_counts_as_unread(reading: Fetches, consumer: Consumer, watermarks: Watermarks) -> None:
    """However many fetches find the consumer at the end of the topic."""
    consumer.has_fetched(REPORTS, 9)
    consumer.has_fetched(EVENTS, end=4)
    assert await offsets(reading, consumer) == []
    consumer.fetched(EVENTS, end=0, seconds_ago=0)
    for seconds_ago in (0.09, 0.05, 0.01):
        consumer.fetched(REPORTS, end=1, seconds_ago=seconds_ago)
        assert watermarks.watermark() == {3: NEVER}
        assert (watermarks.behind(), dict(watermarks.waiting())) == (1, {REPORTS: 0})


async def test_only_looking_counts_as_waiting(
    reading: Fetches, consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a batch is judged for seconds nobody can fetch: that is no silence of the topic."""
    now = 0.0
    monkeypatch.setattr(fetches, "monotonic", lambda: now)
    consumer.has_fetched(REPORTS, 9)
    looks = 0
    while not await offsets(reading, consumer):
        now += 60
        looks += 1
    assert looks == pytest.approx(PATIENCE_SECONDS / LOOK_COUNTS_SECONDS, abs=2)
