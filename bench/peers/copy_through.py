"""The floor with these clients: consumed raw, COPY'd into one table, as many bytes published, offsets committed.

Nothing is judged. `python -m bench.peers.copy_through SERVERS REPORTS RESULTS GROUP DSN`
"""

import asyncio
import sys
from typing import Any

import asyncpg
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench.first import first_record
from bench.records import producing, send

BATCH_RECORDS = 4_000
FETCH_BYTES = 2 * 1024 * 1024
TABLE = "CREATE TABLE copied (topic text, partition integer, record_offset bigint, key bytea, value bytea)"
COLUMNS = ("topic", "partition", "record_offset", "key", "value")


async def copy_through(servers: str, reports: str, results: str, group: str, dsn: str) -> None:
    """Copies until it is ended."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(TABLE)
    consumer = AIOKafkaConsumer(
        reports,
        bootstrap_servers=servers,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    async with consumer, producing(servers) as producer:
        while True:
            fetched = await consumer.getmany(timeout_ms=100, max_records=BATCH_RECORDS)
            if fetched:
                first_record()
                await _copy(connection, producer, results, fetched)
                await consumer.commit({part: records[-1].offset + 1 for part, records in fetched.items()})


async def _copy(
    connection: Any, producer: AIOKafkaProducer, topic: str, fetched: dict[TopicPartition, list[Any]]
) -> None:
    rows = [(r.topic, r.partition, r.offset, r.key, r.value) for records in fetched.values() for r in records]
    await connection.copy_records_to_table("copied", records=rows, columns=COLUMNS)
    await asyncio.gather(
        *(
            send(producer, topic, partition.partition, ((record.key, record.value) for record in records))
            for partition, records in fetched.items()
        )
    )


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(copy_through(*sys.argv[1:6]))
