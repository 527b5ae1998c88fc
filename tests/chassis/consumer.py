"""A consumer that says what a test wants it to say: how far a topic goes, what was fetched, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition

from chassis.clock import real_now
from chassis.consume.watermarks import from_milliseconds


@dataclass
class Partition:
    """One partition as the last fetch saw it."""

    highwater: int | None = None
    position: int | None = None
    polled_ms: int | None = None
    stable: int | None = None

    @property
    def has_valid_position(self) -> bool:
        """As aiokafka's state of a partition has it."""
        return self.position is not None


@dataclass
class FakeConsumer:
    """What `Watermarks` and `Assignment` ask of an aiokafka consumer. Instants are seconds before now."""

    beginnings: dict[TopicPartition, int] = field(default_factory=dict)
    commits: dict[TopicPartition, int] = field(default_factory=dict)
    states: dict[TopicPartition, Partition] = field(default_factory=dict)
    seeks: dict[TopicPartition, int] = field(default_factory=dict)
    paused: set[TopicPartition] = field(default_factory=set)
    now: datetime = field(default_factory=lambda: from_milliseconds(int(real_now().timestamp() * 1000)))

    def ago(self, seconds: float) -> datetime:
        """An instant so long before now."""
        return self.now - timedelta(seconds=seconds)

    def fetched(
        self,
        partition: TopicPartition,
        *,
        end: int,
        seconds_ago: float,
        position: int | None = None,
        stable: int | None = None,
    ) -> None:
        """A fetch was answered: the partition goes to `end`; up to `position` the records were handed out.

        `stable`: where the oldest transaction that is still open begins, if the bus says so.
        """
        polled_ms = int(self.ago(seconds_ago).timestamp() * 1000)
        self.states[partition] = Partition(end, end if position is None else position, polled_ms, stable)

    def record(self, partition: TopicPartition, offset: int, seconds_ago: float) -> ConsumerRecord[Any, Any]:
        """A record that came so long ago."""
        timestamp = int(self.ago(seconds_ago).timestamp() * 1000)
        return ConsumerRecord(partition.topic, partition.partition, offset, timestamp, 0, b"k", b"v", None, 1, 1, [])

    def assignment(self) -> set[TopicPartition]:
        return set(self.states)

    def highwater(self, partition: TopicPartition) -> int | None:
        return self.states[partition].highwater

    def last_stable_offset(self, partition: TopicPartition) -> int | None:
        return self.states[partition].stable

    def last_poll_timestamp(self, partition: TopicPartition) -> int | None:
        return self.states[partition].polled_ms

    def pause(self, *partitions: TopicPartition) -> None:
        self.paused.update(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        self.paused.difference_update(partitions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.seeks[partition] = offset

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return {partition: self.beginnings.get(partition, 0) for partition in partitions}

    async def committed(self, partition: TopicPartition) -> int | None:
        return self.commits.get(partition)

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        self.commits.update(offsets)

    @property
    def _subscription(self) -> Any:
        return SimpleNamespace(
            subscription=SimpleNamespace(
                assignment=SimpleNamespace(state_value=lambda partition: self.states[partition])
            )
        )


@dataclass
class Holder:
    """Whoever has it, while there is one."""

    consumer: FakeConsumer | None
