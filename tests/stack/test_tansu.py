"""Where the embedded bus differs from Kafka: a test that fails here says that a workaround of ours may go."""

import asyncio
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import UnknownError

from afterward.stack.tansu import Tansu
from afterward.stack.topics import TopicSpec, end_offsets, ensure_topics


async def test_it_begins_empty_at_the_same_address_after_a_crash(data_dir: Path) -> None:
    bus = Tansu(data_dir)
    with pytest.raises(LookupError):
        _ = bus.bootstrap_servers
    await bus.start()
    try:
        address = bus.bootstrap_servers
        async with AIOKafkaProducer(bootstrap_servers=address) as producer:
            await producer.send_and_wait("reports", b"lost")
        Tansu(data_dir).kill()
        assert not bus.is_running
        await bus.start()
        assert bus.bootstrap_servers == address
        await ensure_topics(address, [TopicSpec("reports", 1)])
        assert list((await end_offsets(address, [TopicPartition("reports", 0)])).values()) == [0]
    finally:
        await bus.stop()
    assert not bus.is_running


async def test_list_offsets_forgets_all_but_the_first_record_of_the_last_batch(tansu: Tansu, topic: str) -> None:
    await ensure_topics(tansu.bootstrap_servers, [TopicSpec(topic, 1)])
    partition = TopicPartition(topic, 0)
    async with AIOKafkaProducer(bootstrap_servers=tansu.bootstrap_servers) as producer:
        batch = producer.create_batch()
        for _ in range(10):
            batch.append(key=None, value=b"value", timestamp=None)
        await (await producer.send_batch(batch, topic, partition=0))
    async with AIOKafkaConsumer(bootstrap_servers=tansu.bootstrap_servers) as consumer:
        assert await consumer.end_offsets([partition]) == {partition: 1}


async def test_a_record_keeps_its_producers_time_whatever_the_topic_says(tansu: Tansu, topic: str) -> None:
    await ensure_topics(tansu.bootstrap_servers, [TopicSpec(topic, 1, {"message.timestamp.type": "LogAppendTime"})])
    async with AIOKafkaProducer(bootstrap_servers=tansu.bootstrap_servers) as producer:
        await producer.send_and_wait(topic, b"value", timestamp_ms=1_600_000_000_000)
    async with _reader(tansu, topic) as consumer:
        record = await consumer.getone()
    assert (record.timestamp, record.timestamp_type) == (1_600_000_000_000, 0)


async def test_a_fetch_waits_its_time_out_although_a_record_has_come(tansu: Tansu, topic: str) -> None:
    await ensure_topics(tansu.bootstrap_servers, [TopicSpec(topic, 1)])
    async with (
        _reader(tansu, topic, fetch_max_wait_ms=2_000) as consumer,
        AIOKafkaProducer(bootstrap_servers=tansu.bootstrap_servers) as producer,
    ):
        await asyncio.sleep(0.2)  # the first fetch is on its way
        before = time.monotonic()
        await producer.send_and_wait(topic, b"value")
        await consumer.getone()
    assert time.monotonic() - before > 0.5


async def test_a_fetch_that_waits_a_millisecond_is_answered_at_once(tansu: Tansu, topic: str) -> None:
    await ensure_topics(tansu.bootstrap_servers, [TopicSpec(topic, 1)])
    async with AIOKafkaProducer(bootstrap_servers=tansu.bootstrap_servers) as producer:
        await producer.send_and_wait(topic, b"value")
    async with _reader(tansu, topic, fetch_max_wait_ms=1) as consumer:
        assert (await asyncio.wait_for(consumer.getone(), 60)).value == b"value"


async def test_a_fetch_that_waits_for_nothing_brings_nothing(tansu: Tansu, topic: str) -> None:
    await ensure_topics(tansu.bootstrap_servers, [TopicSpec(topic, 1)])
    async with AIOKafkaProducer(bootstrap_servers=tansu.bootstrap_servers) as producer:
        await producer.send_and_wait(topic, b"value")
    async with _reader(tansu, topic, fetch_max_wait_ms=0) as consumer:
        assert await consumer.getmany(timeout_ms=1_000) == {}
        assert consumer.highwater(TopicPartition(topic, 0)) is None


async def test_naming_a_topic_makes_it(tansu: Tansu, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=tansu.bootstrap_servers)
    await admin.start()
    try:
        assert topic not in await admin.list_topics()
        (described,) = await admin.describe_topics([topic])
        assert len(described["partitions"]) == 4
        assert topic in await admin.list_topics()
    finally:
        await admin.close()


async def test_a_fetch_beyond_the_end_is_not_refused(tansu: Tansu, topic: str) -> None:
    await ensure_topics(tansu.bootstrap_servers, [TopicSpec(topic, 1)])
    async with _reader(tansu, topic) as consumer:
        partition = TopicPartition(topic, 0)
        consumer.seek(partition, 500)
        assert await consumer.getmany(timeout_ms=300) == {}
        assert await consumer.position(partition) == 500


async def test_idempotent_producers_are_refused(tansu: Tansu) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=tansu.bootstrap_servers, enable_idempotence=True)
    with pytest.raises(UnknownError):
        await producer.start()
    await producer.stop()


async def test_joining_a_group_takes_half_of_the_session_timeout(tansu: Tansu, topic: str) -> None:
    await ensure_topics(tansu.bootstrap_servers, [TopicSpec(topic, 1)])
    before = time.monotonic()
    async with _reader(tansu, topic, group_id=topic, session_timeout_ms=6_000):
        assert time.monotonic() - before > 2


def _reader(tansu: Tansu, topic: str, **options: object) -> AIOKafkaConsumer:
    settings = {"bootstrap_servers": tansu.bootstrap_servers, "auto_offset_reset": "earliest"} | options
    return AIOKafkaConsumer(topic, **settings)
