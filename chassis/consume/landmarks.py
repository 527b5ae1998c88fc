"""The record that was read last, looked for on the bus: where it is not, this is another bus than the one read."""

import asyncio
import logging
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from chassis.bus_access import BusAccess, options_of
from chassis.consume.unpacking import pass_over_unreadable

log = logging.getLogger("afterward.service")

LOOK_SECONDS = 30
"""Who gets no answer within it is told so (TimeoutError)."""
ASK_AGAIN_SECONDS = 0.01
END_SECONDS = 5
"""For a consumer to end in; then it is left to itself."""
FETCH_BYTES = 64 * 1024
"""Of each partition at a time; Kafka gives out a batch that is larger when there is nothing else to give."""


async def stamps_at(bus: BusAccess | str, places: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, int]:
    """The timestamp of the record at exactly this offset, for each partition that has one there.

    Reads without a group. Raises KafkaError, TimeoutError.
    """
    if not places:
        return {}
    consumer = AIOKafkaConsumer(
        **options_of(bus),
        auto_offset_reset="none",
        enable_auto_commit=False,
        isolation_level="read_committed",
        fetch_max_wait_ms=50,
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    async with asyncio.timeout(LOOK_SECONDS):
        try:
            await consumer.start()
            pass_over_unreadable(consumer)  # what stands for it has a place and a timestamp, too
            consumer.assign(list(places))
            for partition, offset in places.items():
                consumer.seek(partition, offset)
            return await _look(consumer, places)
        finally:
            await end_consumer(consumer)


async def end_consumer(consumer: AIOKafkaConsumer) -> None:
    """Ends a consumer, whatever becomes of it.

    aiokafka's own `stop` raises the cancellation of its tasks now and then. Whoever waits for it would take that for
    his own, and end without a word.
    """
    ending = asyncio.ensure_future(consumer.stop())
    await asyncio.wait([ending], timeout=END_SECONDS)
    if not ending.cancel() and not ending.cancelled() and (error := ending.exception()) is not None:
        log.info("a consumer ended badly (%s)", type(error).__name__)


async def _look(consumer: AIOKafkaConsumer, places: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, int]:
    found: dict[TopicPartition, int] = {}
    asked = set(places)
    while asked:
        for partition in sorted(asked):
            if await _has_answered(consumer, partition, places[partition], found):
                asked.discard(partition)
                consumer.pause(partition)
        await asyncio.sleep(ASK_AGAIN_SECONDS)
    return found


async def _has_answered(
    consumer: AIOKafkaConsumer, partition: TopicPartition, offset: int, found: dict[TopicPartition, int]
) -> bool:
    """Whether the bus has said what lies there; noted in `found` if something does."""
    try:
        fetched = await consumer.getmany(partition, timeout_ms=0, max_records=1)
    except OffsetOutOfRangeError:
        return True
    if records := fetched.get(partition):
        if records[0].offset == offset:
            found[partition] = records[0].timestamp
        return True
    end = consumer.highwater(partition)
    return end is not None and (end <= offset or await consumer.position(partition) > offset)
