"""What a process reads is handed on in order, under one assignment; what it cannot take ends it."""

import asyncio
from collections.abc import Iterable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import InconsistentGroupProtocolError
from faststream.kafka import KafkaBroker

from chassis.consume import faststream_adapter
from chassis.consume.faststream_adapter import Subscriber, subscribe
from chassis.consume.fetches import Fetches
from chassis.consume.reader import Record
from chassis.process.process import Process
from chassis.process.settings import Settings
from tests.chassis.consumer import FakeConsumer

HERE = TopicPartition("reports", 0)


class Judge(Process):
    """A process that keeps what it is given, or fails at it."""

    def __init__(self) -> None:
        super().__init__("judge", Settings())
        self.taken: list[tuple[list[int], int]] = []
        self.failure: Exception | None = None
        self.in_hand = asyncio.Event()
        self.in_hand.set()
        self.closed = False
        self.read((HERE.topic,), 100)

    async def before_joining(self) -> None: ...

    async def take(self, records: Sequence[Record], generation: int) -> None:
        if self.failure is not None:
            raise self.failure
        self.taken.append(([record.offset for record in records], generation))

    async def settled(self) -> None:
        await self.in_hand.wait()

    async def close(self) -> None:
        self.closed = True

    def jobs(self) -> Iterable[Any]:
        return ()

    @property
    def busy(self) -> bool:
        return not self.in_hand.is_set()

    @property
    def tries(self) -> int:
        return len(self.taken)


@pytest.fixture
def consumer(judge: Judge) -> FakeConsumer:
    """It has the offsets up to 5 of one partition, and gave them out."""
    consumer: Any = FakeConsumer()
    judge.consumption.subscriber.consumer = consumer
    judge.consumption.watermarks.assigned({HERE: 0})
    consumer.fetched(HERE, end=5, seconds_ago=0)
    given: FakeConsumer = consumer
    return given


@pytest.fixture
def judge() -> Judge:
    return Judge()


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """An element for each time the process would have ended itself."""
    ends: list[bool] = []
    monkeypatch.setattr("chassis.process.shutdown.end_process", lambda: ends.append(True))
    return ends


def fetch(consumer: FakeConsumer, *offsets: int) -> list[ConsumerRecord[Any, Any]]:
    return [consumer.record(HERE, offset, 0) for offset in offsets]


async def test_what_follows_on_is_handed_on_and_counts_as_read(judge: Judge, consumer: FakeConsumer) -> None:
    await judge.consumption.receive(fetch(consumer, 0, 1, 2))
    assert judge.taken == [([0, 1, 2], judge.consumption.generation)]
    assert judge.consumption.watermarks.waiting() == {HERE: 3}
    assert not judge.consumption.watermarks.dispatching


async def test_a_fetch_whose_assignment_ends_while_the_bus_is_asked_about_a_gap_is_left_to_the_next_owner(
    judge: Judge, consumer: FakeConsumer, monkeypatch: pytest.MonkeyPatch, ended: list[bool]
) -> None:
    async def shared_out_meanwhile(partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        judge.consumption.watermarks.assigned({HERE: 0})
        return dict.fromkeys(partitions, 0)

    monkeypatch.setattr(consumer, "beginning_offsets", shared_out_meanwhile)
    await judge.consumption.receive(fetch(consumer, 3, 4))
    assert judge.taken == []
    assert not ended


async def test_after_a_fetch_that_a_process_cannot_take_nothing_later_is_taken_and_it_ends(
    judge: Judge, consumer: FakeConsumer, ended: list[bool]
) -> None:
    """FastStream goes on with the next fetch after an error: committed, that one would bury this one."""
    judge.failure = ZeroDivisionError()
    await judge.consumption.receive(fetch(consumer, 0))
    assert ended
    judge.failure = None
    later = asyncio.create_task(judge.consumption.receive(fetch(consumer, 1)))
    await asyncio.sleep(0)
    assert not later.done()
    assert judge.taken == []
    later.cancel()


async def test_offsets_of_an_assignment_that_is_over_are_not_committed(judge: Judge, consumer: FakeConsumer) -> None:
    records = [Record(*HERE, 4, None, None, (), consumer.now)]
    await judge.consumption.commit(records, judge.consumption.generation - 1)
    assert consumer.commits == {}
    await judge.consumption.commit(records, judge.consumption.generation)
    assert consumer.commits == {HERE: 5}


async def test_a_process_that_ends_closes_nothing_before_what_is_in_hand_is_done(judge: Judge) -> None:
    judge.in_hand.clear()
    stopping = asyncio.create_task(judge._stop())
    for _ in range(5):
        await asyncio.sleep(0)
    assert not judge.closed
    judge.in_hand.set()
    await stopping
    assert judge.closed


class Hearing:
    """What becomes of fetches, noted."""

    def __init__(self) -> None:
        self.story: list[str] = []

    async def refused(self) -> None:
        self.story.append("refused")

    def fetched(self) -> None:
        self.story.append("fetched")


@pytest.fixture
def subscriber(judge: Judge) -> Subscriber:
    async def receive(_fetched: Any) -> None: ...

    given: dict[str, Any] = {"listener": judge.consumption.assignment, "settings": judge.settings}
    return subscribe(KafkaBroker(), ("reports",), "group", receive, max_records=9, **given)


async def test_a_subscriber_that_faststream_starts_joins_no_group(subscriber: Subscriber) -> None:
    await subscriber.start()
    assert subscriber.consumer is None


async def test_a_fetch_is_taken_as_it_is_and_one_that_is_refused_brings_nothing(
    judge: Judge, subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Any] = [{HERE: ["one"], TopicPartition("events", 0): ["two"]}, InconsistentGroupProtocolError()]

    async def getmany(*, timeout_ms: int, max_records: int) -> Any:
        assert (timeout_ms, max_records) == (faststream_adapter.LONGEST_FETCH_MS, 9)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    subscriber.heard_by = hearing = Hearing()
    subscriber.fetches = Fetches(judge.consumption.watermarks, 9)
    monkeypatch.setattr(faststream_adapter, "has_stopped_fetching", lambda _consumer: False)
    monkeypatch.setattr(faststream_adapter, "pass_over_unreadable", lambda _consumer: None)
    consumer: Any = SimpleNamespace(getmany=getmany, assignment=set)
    fetched: list[Any] = [await subscriber.get_msg(consumer) for _ in range(2)]
    assert fetched == [("one", "two"), ()]
    assert hearing.story == ["fetched", "refused"]
