"""The record that was read last, looked for on the bus: where it is not, this is another bus than the one read."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from chassis.reading import Unread
from chassis.unpacking import pass_over_unreadable

LOOK_SECONDS = 30
"""Who gets no answer within it is told so (TimeoutError)."""
ASK_AGAIN_SECONDS = 0.01
FETCH_BYTES = 64 * 1024
"""Of each partition at a time; Kafka gives out a batch that is larger when there is nothing else to give."""


async def stamps_at(
    bootstrap_servers: str, places: Mapping[TopicPartition, int]
) -> Mapping[TopicPartition, int | None]:
    """The timestamp of the record at exactly this offset, for each partition that has one there.

    None: there is one, and it cannot be unpacked. Reads without a group. Raises KafkaError, TimeoutError.
    """
    if not places:
        return {}
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        auto_offset_reset="none",
        isolation_level="read_committed",
        enable_auto_commit=False,
        fetch_max_wait_ms=50,
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    async with asyncio.timeout(LOOK_SECONDS):
        await consumer.start()
        pass_over_unreadable(consumer)
        try:
            consumer.assign(list(places))
            for partition, offset in places.items():
                consumer.seek(partition, offset)
            return await _look(consumer, places)
        finally:
            await consumer.stop()


async def _look(consumer: Any, places: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, int | None]:
    found: dict[TopicPartition, int | None] = {}
    asked = set(places)
    while asked:
        for partition in sorted(asked):
            if await _has_answered(consumer, partition, places[partition], found):
                asked.discard(partition)
                consumer.pause(partition)
        await asyncio.sleep(ASK_AGAIN_SECONDS)
    return found


async def _has_answered(
    consumer: Any, partition: TopicPartition, offset: int, found: dict[TopicPartition, int | None]
) -> bool:
    """Whether the bus has said what lies there; noted in `found` if something does."""
    try:
        fetched = await consumer.getmany(partition, timeout_ms=0, max_records=1)
    except OffsetOutOfRangeError:
        return True
    if records := fetched.get(partition):
        if records[0].offset == offset:
            found[partition] = records[0].timestamp if Unread.of(records[0]) is None else None
        return True
    end = consumer.highwater(partition)
    return end is not None and (end <= offset or await consumer.position(partition) > offset)
