"""The private names of aiokafka and FastStream that are used exist, and mean what they are taken to mean.

They stand in one module; what is read or written of another object there is nowhere else.
"""

import ast
import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.codec import snappy_encode
from aiokafka.consumer import fetcher as aiokafka_fetcher
from aiokafka.consumer.fetcher import READ_COMMITTED, Fetcher, FetchError, FetchResult, PartitionRecords
from aiokafka.errors import ConsumerStoppedError, ProducerClosed
from aiokafka.producer.sender import Sender
from aiokafka.record.memory_records import MemoryRecords
from faststream.kafka import KafkaBroker

from chassis.consume.codecs import _BOUND, _using_modules, bound_codecs
from chassis.consume.library_internals import (
    GroupSubscriber,
    assignment_of,
    cut_off,
    fetcher_of,
    has_stopped_fetching,
    hold_fetches,
    is_framed_snappy,
    of_class,
    position_of,
)
from chassis.consume.membership import assignor_of
from chassis.consume.unpacking import pass_over_unreadable
from tests.chassis.spoiling import batch, flipped, legacy

HERE = TopicPartition("reports", 3)
GOOD = batch(b"before")

PRIVATE: list[tuple[Callable[[], Any], Sequence[str]]] = [
    (lambda: FetchResult(HERE, assignment=None, partition_records=None, backoff=0), ["_partition_records"]),
    (lambda: FetchError(error=None, backoff=0), ["_error", "_backoff"]),
    (
        lambda: PartitionRecords(HERE, MemoryRecords(b""), [], 0, None, None, True, READ_COMMITTED),
        ["_records", "_records_iterator", "_unpack_records", "_tp", "next_fetch_offset", "__dict__"],
    ),
    (lambda: next_batch(GOOD), ["base_offset", "next_offset", "is_control_batch", "is_transactional", "producer_id"]),
    (lambda: next_batch(legacy(b"old")), ["next_offset", "is_control_batch", "is_transactional", "producer_id"]),
]


def next_batch(batches: bytes) -> Any:
    """The first of these, as aiokafka has it."""
    return MemoryRecords(batches).next_batch()


@pytest.mark.parametrize(("make", "names"), PRIVATE)
def test_the_private_names_that_are_used_are_there(make: Callable[[], Any], names: Sequence[str]) -> None:
    made = make()
    assert [name for name in names if not hasattr(made, name)] == []


def test_a_fetcher_takes_what_it_has_in_hand_from_where_we_have_put_ours() -> None:
    used = set(Fetcher.fetched_records.__code__.co_names) | set(Fetcher._proc_fetch_request.__code__.co_names)
    assert {"_records", "FetchResult", "PartitionRecords"} <= used
    assert "_set_error" in used
    assert "position" in FetchResult.check_assignment.__code__.co_names
    assert vars(aiokafka_fetcher)["MemoryRecords"] is MemoryRecords


def test_what_was_in_hand_before_is_kept() -> None:
    asked: Any = (HERE, MemoryRecords(flipped(GOOD)), [], 0, None, None, True, READ_COMMITTED)
    before = FetchResult(HERE, assignment=None, partition_records=PartitionRecords(*asked), backoff=0)
    fetcher = SimpleNamespace(_records={HERE: before})
    consumer: Any = SimpleNamespace(_fetcher=fetcher)
    pass_over_unreadable(consumer)
    held = fetcher._records
    pass_over_unreadable(consumer)
    assert fetcher._records is held
    assert list(held[HERE]._partition_records) == []


def test_the_codecs_are_ours_where_aiokafka_looks_them_up() -> None:
    bound_codecs()
    for module in _using_modules():
        found = {name for name in vars(module) if name.endswith("_decode")}
        assert {"gzip_decode", "snappy_decode", "lz4_decode"} <= found <= set(_BOUND)
        assert all(vars(module)[name] is _BOUND[name] for name in found)


def test_both_framings_of_snappy_are_told_apart() -> None:
    assert is_framed_snappy(snappy_encode(b"x" * 100, xerial_compatible=True))
    assert not is_framed_snappy(snappy_encode(b"x" * 100, xerial_compatible=False))


async def test_a_position_is_the_offset_behind_what_was_given_out_and_none_before_there_is_one() -> None:
    consumer = AIOKafkaConsumer(isolation_level="read_committed")
    consumer.assign([HERE])
    assert position_of(consumer, HERE) == -1
    consumer._subscription.subscription.assignment.state_value(HERE).reset_to(7)
    assert position_of(consumer, HERE) == 7
    assert await consumer.position(HERE) == 7


async def test_a_started_consumer_that_does_not_fetch_any_more_is_told_from_one_that_does() -> None:
    consumer = AIOKafkaConsumer(HERE.topic, isolation_level="read_committed")
    fetcher = consumer._fetcher = Fetcher(consumer._client, consumer._subscription)
    try:
        assert fetcher_of(consumer) is fetcher
        assert not has_stopped_fetching(consumer)
    finally:
        await fetcher.close()
    assert has_stopped_fetching(consumer)
    assert "_fetcher" in AIOKafkaConsumer.start.__code__.co_names


async def test_a_consumer_that_is_told_to_hold_its_fetches_asks_so_from_the_next_one_on() -> None:
    consumer = AIOKafkaConsumer(isolation_level="read_committed", fetch_max_wait_ms=50)
    hold_fetches(consumer, 250)  # not started: nothing happens
    fetcher = Fetcher(consumer._client, consumer._subscription, fetch_max_wait_ms=50)
    consumer._fetcher = fetcher
    try:
        hold_fetches(consumer, 250)
        assert fetcher._fetch_max_wait_ms == 250
        assert "_fetch_max_wait_ms" in Fetcher._get_actions_per_node.__code__.co_names
    finally:
        await fetcher.close()


async def test_a_fetcher_knows_what_its_consumer_is_assigned_with_the_end_of_each_partition() -> None:
    consumer = AIOKafkaConsumer(isolation_level="read_committed")
    consumer.assign([HERE])
    fetcher = Fetcher(consumer._client, consumer._subscription)
    try:
        assignment_of(fetcher).state_value(HERE).highwater = 9
        assert consumer.highwater(HERE) == 9
    finally:
        await fetcher.close()


async def test_a_producer_that_is_cut_off_sends_no_more_and_fails_what_waits() -> None:
    producer, goes_on = AIOKafkaProducer(), asyncio.Event()

    async def send() -> None:
        try:
            await goes_on.wait()
        except asyncio.CancelledError:  # as aiokafka's does for what is in flight
            await goes_on.wait()

    sending = producer._sender._sender_task = asyncio.create_task(send())
    await asyncio.sleep(0)
    waiting = await producer._message_accumulator.add_message(HERE, b"key", b"value", 1.0)

    await cut_off(producer)
    producer._closed = True  # it was never started, so there is nothing to stop

    assert sending.cancelled()
    with pytest.raises(ProducerClosed):
        await waiting
    assert "_sender_task" in Sender.start.__code__.co_names


class Playing(GroupSubscriber):
    """A subclass of ours, of which the fetches are noted."""

    asked: ClassVar[list[Any]] = []

    async def get_msg(self, consumer: Any) -> Any:
        """Ends the loop, as a consumer that was stopped does."""
        self.asked.append((consumer, self.batch_timeout_ms, self.max_records))
        raise ConsumerStoppedError


class Connected:
    """A consumer that connects to nothing."""

    def __init__(self) -> None:
        self.topics: list[str] = []

    def subscribe(self, topics: list[str], **_more: Any) -> None:
        self.topics = topics

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


async def test_a_subscriber_of_our_class_joins_with_our_assignor_makes_no_topics_and_fetches_as_we_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """FastStream's own start and loop, with a consumer that connects to nothing."""
    warned: list[str] = []
    monkeypatch.setattr(GroupSubscriber, "_log", lambda _self, _level, message, **_more: warned.append(message))
    made: list[dict[str, Any]] = []
    consumer = Connected()
    Playing.asked.clear()

    def build(*_topics: str, **arguments: Any) -> Any:
        made.append(arguments)
        return consumer

    async def handle(_records: Any) -> None: ...

    broker = KafkaBroker(allow_auto_create_topics=False, consumer_only=True)
    broker._setup_logger()  # type: ignore[no-untyped-call, unused-ignore]
    theirs = broker.subscriber(
        "reports", batch=True, group_id="g", batch_timeout_ms=7, max_records=9, isolation_level="read_committed"
    )
    monkeypatch.setattr(type(theirs), "builder", property(lambda _self: build))
    subscriber = of_class(theirs, Playing)
    subscriber(handle)
    subscriber.assign_by(assignor_of("17"))

    await subscriber.start()
    await asyncio.gather(*subscriber.tasks)
    await subscriber.stop()

    assert broker.subscribers == [subscriber], "the broker stops it"
    assert consumer.topics == ["reports"]
    assert Playing.asked == [(consumer, 7, 9)]
    assert warned == [], "that topics are not made is how it is meant"
    assert [one.name for one in made[0]["partition_assignment_strategy"]] == ["afterward-17"]


OTHERS = frozenset({"_asdict", "_exit", "_replace", "_value"})
"""Names of `os`, of named tuples and of prometheus_client: no private names of the bus's libraries."""


def foreign(source: str) -> Iterator[str]:
    """Private names in a source that are used of something else than `self`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            own = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls", "other"}
            if not own and node.attr not in OTHERS:
                yield node.attr


def test_no_other_module_uses_a_private_name() -> None:
    root = Path(__file__).parents[2]
    sources = [path for room in ("chassis", "services", "afterward") for path in (root / room).rglob("*.py")]
    found = {str(path.relative_to(root)): [*foreign(path.read_text(encoding="utf-8"))] for path in sources}
    assert [path for path, names in found.items() if names] == ["chassis/consume/library_internals.py"]


def test_a_private_name_is_found_wherever_it_is_reached_from() -> None:
    assert [*foreign("self._own\nself.consumer._fetcher\nnamed._replace(a=1)\nmake()._records")] == [
        "_fetcher",
        "_records",
    ]
