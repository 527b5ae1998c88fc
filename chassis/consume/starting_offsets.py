"""Where a service begins to read: where its own database says, whatever the group has committed."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiokafka import TopicPartition

from chassis.consume.read_offsets import ReadOffsets
from chassis.store.connection import Connection, columns, sql

log = logging.getLogger("afterward.service")

StampsAt = Callable[[Mapping[TopicPartition, int]], Awaitable[Mapping[TopicPartition, int]]]
"""(partition → offset) → the timestamp of the record there, for each that has one: see `chassis.consume.landmarks`."""

_ANOTHER_BUS = (
    "%s of %s partitions do not hold the record that was read last, %s[%s]@%s for one: this is another bus than the "
    "one that was read, or a topic was made anew. They are read from their beginning; what was judged is left out"
)


class StoreWord:
    """How far each partition has been read, as the service's database tells it."""

    def __init__(
        self, connect: Callable[[], Awaitable[Connection]], stamps_at: StampsAt, read_offsets: ReadOffsets
    ) -> None:
        self._connect, self._stamps_at, self._read_offsets = connect, stamps_at, read_offsets

    async def read_up_to(
        self, assigned: Sequence[TopicPartition], beginnings: Mapping[TopicPartition, int]
    ) -> Mapping[TopicPartition, int]:
        """The offset from which to read, for each partition of which anything has been read on this bus.

        Raises what the store raises, KafkaError and TimeoutError.
        """
        connection = await self._connect()
        try:
            rows = await connection.fetch(sql("begin_reading"), *columns(sorted(assigned), 2))
            known = {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}
            stamps = {TopicPartition(row["topic"], row["partition"]): row["stamp"] for row in rows}
            others = await self._of_another_bus(known, stamps, beginnings)
            if others:
                _warn(others, len(assigned))
                await connection.execute(sql("read_anew"), *columns(((*at, n) for at, n in others.items()), 3))
        finally:
            connection.terminate()
        read = {partition: offset for partition, offset in known.items() if offset and partition not in others}
        self._read_offsets.begin({(at.topic, at.partition): read.get(at, 0) for at in assigned})
        return read

    async def _of_another_bus(
        self,
        known: Mapping[TopicPartition, int],
        stamps: Mapping[TopicPartition, int | None],
        beginnings: Mapping[TopicPartition, int],
    ) -> Mapping[TopicPartition, int]:
        """Those partitions where the record before the next one is not the one that was read, and how far that was.

        Where it has been deleted, or has no stamp, nobody can tell. Whoever is in doubt reads again: no harm.
        """
        last = {partition: offset - 1 for partition, offset in known.items() if offset > beginnings[partition]}
        found = await self._stamps_at(last)
        return {at: known[at] for at in last if at not in found or found[at] != stamps[at]}


def _warn(others: Mapping[TopicPartition, int], assigned: int) -> None:
    first = min(others)
    log.warning(_ANOTHER_BUS, len(others), assigned, first.topic, first.partition, others[first] - 1)
