"""The servers in containers: why there are none where there are none, and a broker that is a `Bus` like the others."""

import socket
from collections.abc import Iterator

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import UnknownTopicOrPartitionError

from afterward.stack.ports import LOOPBACK
from afterward.stack.topics import TopicSpec, end_offsets, ensure_topics
from tests import containers
from tests.backends import in_containers


@pytest.fixture(scope="module")
def broker() -> Iterator[containers.KafkaContainer]:
    """A broker in a container, running."""
    skip_without_containers()
    with containers.kafka() as running:
        yield running


def test_without_an_engine_the_reason_is_that_none_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"tcp://{LOOPBACK}:1")
    assert "no Docker engine answers" in str(containers.available())


def test_an_engine_that_stays_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://{LOOPBACK}:{silent.getsockname()[1]}")
        assert "timed out" in str(containers.available())


async def test_after_a_crash_the_container_is_back_at_the_same_address_with_its_records(
    broker: containers.KafkaContainer, topic: str
) -> None:
    address, partition = broker.bootstrap_servers, TopicPartition(topic, 0)
    await ensure_topics(address, [TopicSpec(topic, 1)])
    async with AIOKafkaProducer(bootstrap_servers=address, acks="all", enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, b"kept")
    broker.kill()
    assert not broker.is_running
    await broker.start()
    assert broker.bootstrap_servers == address
    assert await end_offsets(address, [partition]) == {partition: 1}


async def test_naming_a_topic_does_not_make_it_in_the_container(broker: containers.KafkaContainer, topic: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers, request_timeout_ms=1_000) as producer:
        with pytest.raises(UnknownTopicOrPartitionError):
            await producer.send_and_wait(topic, b"value")


async def test_the_server_in_a_container_is_postgresql_18_and_lets_its_administrator_make_databases() -> None:
    skip_without_containers()
    with containers.postgres() as dsn:
        connection = await asyncpg.connect(dsn)
        assert str(await connection.fetchval("SHOW server_version")).startswith("18")
        await connection.close()


def skip_without_containers() -> None:
    """Where there can be none, the Kafka backend runs on Maven's jars."""
    if not in_containers():
        pytest.skip("no Docker engine answers, or an image cannot be had")
