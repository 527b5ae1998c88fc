"""A bus outlives the databases of the tests on it: each finds its own records there, and no stranger in its group."""

import asyncio
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from afterward.stack.bus import Bus
from chassis.store.connection import connect
from schemas.topic import PARTITIONS
from schemas.topics import by_service
from tests.chassis.engine_fixture import SERVICE

EVERY = [TopicPartition(topic.name, number) for topic in by_service(SERVICE) for number in range(PARTITIONS)]
FEW = 20
"""So many offsets before the end one holds a record, and is not the mark of a transaction."""
LOOK_SECONDS = 10


async def has_read_all(bus: Bus, dsn: str) -> None:
    """A database goes by the name by which the groups of this bus know their members, and has read what there is."""
    await go_by_one_name(dsn)
    last = await _last_records(bus)
    connection = await connect(dsn, 30)
    await connection.executemany(
        "INSERT INTO read_offset (topic, partition, next_offset, stamp) VALUES ($1, $2, $3, $4)",
        [(*at, record.offset + 1, record.timestamp) for at, record in last.items()],
    )
    await connection.close()


async def go_by_one_name(dsn: str) -> None:
    """Another name would be a stranger's, to the groups that tests before have used."""
    connection = await connect(dsn, 30)
    await connection.execute("UPDATE store_identity SET id = '00000000-0000-4000-8000-000000000000'")
    await connection.close()


async def _last_records(bus: Bus) -> dict[TopicPartition, "ConsumerRecord[bytes, bytes]"]:
    last: dict[TopicPartition, ConsumerRecord[bytes, bytes]] = {}
    async with AIOKafkaConsumer(
        bootstrap_servers=bus.bootstrap_servers, enable_auto_commit=False, isolation_level="read_committed"
    ) as consumer:
        consumer.assign(EVERY)
        for at, end in (await consumer.end_offsets(EVERY)).items():
            consumer.seek(at, max(0, end - FEW))
        with suppress(TimeoutError):  # a transaction of another test may be open
            async with asyncio.timeout(LOOK_SECONDS):
                while not all([await _is_at_its_end(consumer, at) for at in EVERY]):
                    last |= {at: some[-1] for at, some in (await consumer.getmany(timeout_ms=50)).items()}
    return last


async def _is_at_its_end(consumer: AIOKafkaConsumer, at: TopicPartition) -> bool:
    end = consumer.highwater(at)
    return end is not None and await consumer.position(at) >= end
