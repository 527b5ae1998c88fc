"""The consumer of the bus as the chassis sees it, and whoever has one."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from aiokafka import TopicPartition


class Consumer(Protocol):
    """What is asked of aiokafka's consumer in the group of a process."""

    def assignment(self) -> Collection[TopicPartition]:
        """The partitions that the group has given it."""

    def highwater(self, partition: TopicPartition) -> int | None:
        """The offset after the last record, as the last fetch said."""

    def last_stable_offset(self, partition: TopicPartition) -> int | None:
        """The offset before which no transaction is open, as the last fetch said."""

    def last_poll_timestamp(self, partition: TopicPartition) -> int | None:
        """When an answer to a fetch was last read, in milliseconds since 1970."""

    def pause(self, *partitions: TopicPartition) -> None:
        """Nothing of these is fetched."""

    def resume(self, *partitions: TopicPartition) -> None:
        """These are fetched again."""

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """The next record that is fetched lies at `offset`, or after it. Raises IllegalStateError."""

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Where the bus begins in each. Raises KafkaError."""

    async def committed(self, partition: TopicPartition) -> int | None:
        """What the group has committed. Raises KafkaError."""

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Tells the group how far has been read. Raises CommitFailedError, IllegalStateError and KafkaError."""


class HasConsumer(Protocol):
    """Whoever has a consumer while this process is in its group. It is another one each time the process joins."""

    @property
    def consumer(self) -> Consumer | None:
        """The present one."""
