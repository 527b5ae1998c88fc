"""Every private name of aiokafka and FastStream that this project uses, in one place.

An upgrade may change any of them without a word. tests/chassis/test_library_internals.py holds that each is there and
means what it is taken to mean, and that no other module uses one.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition, codec
from aiokafka.consumer.fetcher import Fetcher, FetchError, FetchResult, PartitionRecords
from aiokafka.errors import ProducerClosed
from faststream.kafka.subscriber.usecase import BatchSubscriber

from chassis.consume.consumer import Consumer


def has_stopped_fetching(consumer: AIOKafkaConsumer) -> bool:
    """Whether the task has ended in which a started consumer fetches: it would keep its partitions, bring nothing."""
    return bool(fetcher_of(consumer).error_future.done())


def position_of(consumer: Consumer, partition: TopicPartition) -> int:
    """The offset after the last record of an assigned partition that was given out, -1 while there is none.

    `consumer.position()` is a coroutine, and waits until there is one.
    """
    state = cast("AIOKafkaConsumer", consumer)._subscription.subscription.assignment.state_value(partition)
    return int(state.position) if state.has_valid_position else -1


def hold_fetches(consumer: Consumer, hold_ms: int) -> None:
    """From its next fetch on a consumer of aiokafka asks the broker to hold an empty one for so long."""
    if isinstance(consumer, AIOKafkaConsumer) and consumer._fetcher is not None:
        consumer._fetcher._fetch_max_wait_ms = hold_ms


async def cut_off(producer: AIOKafkaProducer) -> None:
    """Ends the task of a producer that sends, and fails what waits for it.

    It waits for what is in flight when it is cancelled, until it is cancelled again.
    """
    sender = producer._sender.sender_task
    while sender is not None and not sender.done():
        sender.cancel()
        await asyncio.wait([sender], timeout=0.1)
    producer._message_accumulator.fail_all(ProducerClosed())


class GroupSubscriber(BatchSubscriber):
    """A FastStream subscriber that is told how its group shares partitions out, and makes no topics."""

    async def _ensure_topics(self) -> None:
        """One that makes no topics would say so at each start, which is how it is meant: it says nothing."""

    def assign_by(self, assignor: type) -> None:
        """The consumer that is made at the next start shares partitions out by this assignor."""
        self._connection_args["partition_assignment_strategy"] = [assignor]


Ours = TypeVar("Ours", bound=GroupSubscriber)


def of_class(made: BatchSubscriber, ours: type[Ours]) -> Ours:
    """A subscriber as FastStream's broker has made and registered it, as one of a subclass that adds no state.

    The broker makes subscribers of its own class only.
    """
    subscriber: Any = made
    subscriber.__class__ = ours
    return cast("Ours", subscriber)


def fetcher_of(consumer: AIOKafkaConsumer) -> Fetcher:
    """The fetcher of a started consumer."""
    return cast("Fetcher", consumer._fetcher)


def fetched_by(fetcher: Fetcher) -> Any:
    """The answers that a fetcher has and has not given out, by partition."""
    return fetcher._records


def keep_fetched(fetcher: Fetcher, fetched: OrderedDict[TopicPartition, Any]) -> None:
    """From now on a fetcher puts its answers there."""
    fetcher._records = fetched


def assignment_of(fetcher: Fetcher) -> Any:
    """What a fetcher's consumer is assigned, with the state of each partition."""
    return fetcher._subscriptions.subscription.assignment


def unpack_by(answer: FetchResult, unpacking: Callable[[PartitionRecords], PartitionRecords]) -> None:
    """What `unpacking` makes of an answer's records unpacks them."""
    answer._partition_records = unpacking(answer._partition_records)


def error_of(answer: FetchError) -> Exception:
    """Why there is no answer of records."""
    error: Exception = answer._error
    return error


def backoff_of(answer: FetchError) -> float:
    """For how long the fetcher waits after an answer, in seconds."""
    backoff: float = answer._backoff
    return backoff


def batches_of(records: PartitionRecords) -> Any:
    """The batches of an answer, not unpacked yet."""
    return records._records


class Unpacking(PartitionRecords, ABC):
    """Records of an answer, unpacked from batches of ours; what cannot be unpacked does not raise."""

    def __init__(self, given: PartitionRecords, batches: Any) -> None:
        self.__dict__.update(given.__dict__)
        self.batches = self._records = batches
        self.partition: TopicPartition = self._tp
        self._records_iterator: Any = None
        self.unpack_on()

    def __next__(self) -> Any:
        try:
            return next(self._records_iterator)
        except StopIteration:
            self.end()
            raise
        except Exception as error:  # a codec, and Python's own text, may raise anything
            return self.in_place_of(error)

    @abstractmethod
    def in_place_of(self, error: Exception) -> Any:
        """The record given out instead of an error. Raises StopIteration where there is none."""

    def unpack_on(self) -> None:
        """Goes on with the next batch, after an error too."""
        self._records_iterator = self._unpack_records()  # type: ignore[no-untyped-call]

    def end(self) -> None:
        """Nothing more is unpacked. As aiokafka does it: the iterator refers to this."""
        self._records_iterator = None


def is_framed_snappy(payload: Any) -> bool:
    """Whether snappy's blocks come in the frame that Java's clients put around them."""
    return bool(codec._detect_xerial_stream(payload))
