"""Apache Kafka as we start it, and why we cannot where we cannot."""

import stat
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import MessageSizeTooLargeError, UnknownTopicOrPartitionError

from afterward.stack.kafka import Kafka, available
from afterward.stack.process import StartFailed
from afterward.stack.topics import TopicSpec, end_offsets, ensure_topics


@pytest.mark.needs_kafka
async def test_after_a_crash_it_is_back_at_the_same_address_with_its_records(kafka: Kafka, topic: str) -> None:
    address, partition = kafka.bootstrap_servers, TopicPartition(topic, 0)
    await ensure_topics(address, [TopicSpec(topic, 1)])
    async with AIOKafkaProducer(bootstrap_servers=address, acks="all", enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, b"kept")
    kafka.kill()
    assert not kafka.is_running
    await kafka.start()
    assert kafka.bootstrap_servers == address
    assert await end_offsets(address, [partition]) == {partition: 1}


@pytest.mark.needs_kafka
async def test_when_a_record_came_is_the_brokers_word(kafka: Kafka, topic: str) -> None:
    await ensure_topics(kafka.bootstrap_servers, [TopicSpec(topic, 1)])
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers) as producer:
        await producer.send_and_wait(topic, b"value", timestamp_ms=1_600_000_000_000)
    async with AIOKafkaConsumer(
        topic, bootstrap_servers=kafka.bootstrap_servers, auto_offset_reset="earliest"
    ) as consumer:
        record = await consumer.getone()
    assert record.timestamp > 1_700_000_000_000
    assert record.timestamp_type == 1


@pytest.mark.needs_kafka
async def test_what_is_larger_than_its_topic_allows_is_refused(kafka: Kafka, topic: str) -> None:
    await ensure_topics(kafka.bootstrap_servers, [TopicSpec(topic, 1, {"max.message.bytes": "1000"})])
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers) as producer:
        with pytest.raises(MessageSizeTooLargeError):
            await producer.send_and_wait(topic, b"x" * 2_000)


@pytest.mark.needs_kafka
async def test_naming_a_topic_does_not_make_it(kafka: Kafka, topic: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers, request_timeout_ms=1_000) as producer:
        with pytest.raises(UnknownTopicOrPartitionError):
            await producer.send_and_wait(topic, b"value")


def test_without_java_the_reason_names_the_version_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _only_programs(monkeypatch, tmp_path)
    assert "no Java: Apache Kafka 4.3.1 needs version 17" in str(available())


def test_an_old_java_is_named_with_its_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _only_programs(monkeypatch, tmp_path, java='openjdk version "11.0.2" 2019-01-15')
    assert "Java 11 at" in str(available())
    _only_programs(monkeypatch, tmp_path, java='java version "1.8.0_402"')
    assert "Java 8 at" in str(available())


async def test_without_maven_and_without_the_jars_the_start_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _only_programs(monkeypatch, tmp_path, java='openjdk version "21.0.1" 2023-10-17')
    with pytest.raises(StartFailed, match="no Maven"):
        await Kafka(tmp_path / "data").start()


async def test_what_maven_says_when_it_fails_is_passed_on_and_leaves_no_half_a_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _only_programs(monkeypatch, tmp_path, java='openjdk version "21.0.1" 2023-10-17', mvn="no route to host")
    with pytest.raises(StartFailed, match="no route to host"):
        await Kafka(tmp_path / "data").start()
    assert list((tmp_path / "cache" / "afterward").iterdir()) == []


def _only_programs(monkeypatch: pytest.MonkeyPatch, folder: Path, **says: str) -> None:
    """A machine with only these programs, each of which says something and fails, and with an empty cache."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    monkeypatch.setenv("PATH", str(programs))
    for name, words in says.items():
        program = programs / name
        program.write_text(f"#!/bin/sh\necho '{words}' >&2\nexit 1\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
