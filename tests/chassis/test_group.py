"""A real service in a real group: what Kafka has committed does not count, strangers and the storeless stay outside."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import InconsistentGroupProtocolError

from afterward.stack.bus import Bus
from afterward.stack.tansu import Tansu
from chassis.clock import monotonic
from chassis.process import health
from chassis.process.service import Service
from chassis.process.settings import Settings
from schemas.topic import PARTITIONS
from schemas.topics import by_service
from tests.chassis.engine_fixture import SERVICE, TOPIC, EngineFixture, record
from tests.chassis.fake_producer import GENEROUS_SECONDS
from tests.chassis.test_service import judged, prefix, publish, running, settings  # noqa: F401 - fixtures
from tests.chassis.toy import CHART, reading

EVERY = [TopicPartition(topic.name, number) for topic in by_service(SERVICE) for number in range(PARTITIONS)]


async def health_of(service: Service, wanted: int) -> dict[str, Any]:
    """What a service says of its health once it is as wanted. Raises AssertionError."""
    deadline = monotonic() + GENEROUS_SECONDS
    while (answer := await service.health_body())[0] != wanted:
        assert monotonic() < deadline, answer
        await asyncio.sleep(0.02)
    return answer[1]


async def commit_ends(bus: Bus) -> None:
    """As a stranger with the group's name does who reads all there is."""
    async with AIOKafkaConsumer(
        bootstrap_servers=bus.bootstrap_servers,
        group_id=SERVICE,
        enable_auto_commit=False,
        isolation_level="read_committed",
    ) as stranger:
        stranger.assign(EVERY)
        await stranger.seek_to_end(*EVERY)
        await stranger.commit({at: await stranger.position(at) for at in EVERY})


@asynccontextmanager
async def a_stranger(bus: Bus) -> AsyncIterator[AIOKafkaConsumer]:
    """A plain consumer with the group's name."""
    async with AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=bus.bootstrap_servers,
        group_id=SERVICE,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        session_timeout_ms=6_000,
    ) as stranger:
        yield stranger


@pytest.mark.needs_kafka
@pytest.mark.parametrize("bus", ["kafka"], indirect=True)
async def test_what_a_stranger_has_committed_in_the_groups_name_is_read_all_the_same(
    settings: Settings,  # noqa: F811
    fixture: EngineFixture,
    bus: Bus,
    prefix: str,  # noqa: F811
) -> None:
    async with running(Service(SERVICE, [CHART], settings)):
        await publish(bus, [record(reading(prefix, 0))])
        await judged(fixture, prefix, events=1)
    await publish(bus, [record(reading(prefix, hour)) for hour in range(1, 4)])
    await commit_ends(bus)
    async with running(Service(SERVICE, [CHART], settings)):
        await judged(fixture, prefix, events=4)


@pytest.mark.needs_kafka
@pytest.mark.parametrize("bus", ["kafka"], indirect=True)
async def test_a_stranger_who_was_there_first_is_named_and_one_who_comes_later_is_refused(
    settings: Settings,  # noqa: F811
    fixture: EngineFixture,
    bus: Bus,
    prefix: str,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    service = Service(SERVICE, [CHART], settings)
    caplog.set_level(logging.ERROR)
    try:
        async with a_stranger(bus):
            await service.app.start()
            while service.consumption.membership._is_rejected is False:
                await asyncio.sleep(0.02)
            body = await health_of(service, 503)
            assert "members that do not belong to this stack" in body["group"]
            await publish(bus, [record(reading(prefix, 0))])
        await health_of(service, 200)
        await judged(fixture, prefix, events=1)
        with pytest.raises(InconsistentGroupProtocolError):
            async with a_stranger(bus):
                raise AssertionError("it was let in")
        await publish(bus, [record(reading(prefix, 1))])
        await judged(fixture, prefix, events=2)
        assert "group treatment has members that do not belong to this stack" in caplog.text
    finally:
        await service.app.stop()


async def test_a_process_whose_store_does_not_answer_takes_no_partition_from_the_others(
    settings: Settings,  # noqa: F811
    fixture: EngineFixture,
    bus: Bus,
    prefix: str,  # noqa: F811
) -> None:
    storeless = settings.model_copy(update={"database_dsn": "postgresql://nobody:wrong@127.0.0.1:1/none"})
    other = Service(SERVICE, [CHART], storeless)
    service = Service(SERVICE, [CHART], settings)
    try:
        await other.app.start()
        async with running(service):
            body = await health_of(other, 503)
            assert "the database does not answer" in body["group"]
            assert list(service.consumption.watermarks.partitions) == list(range(PARTITIONS))
            await publish(bus, [record(reading(f"{prefix}-{number}", 0)) for number in range(12)])
            await judged(fixture, prefix, events=12)
    finally:
        await other.app.stop()


@pytest.mark.parametrize("bus", ["tansu"], indirect=True)
async def test_a_service_whose_bus_stands_still_is_not_healthy_and_says_so_once(
    settings: Settings,  # noqa: F811
    tansu: Tansu,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "BUS_SILENT_SECONDS", 0.5)
    service = Service(SERVICE, [CHART], settings)
    async with running(service):
        assert (await health_of(service, 200))["healthy"]
        broker = psutil.Process(tansu._daemon.pid)
        broker.suspend()
        try:
            body = await health_of(service, 503)
            assert body["bus"].startswith("no fetch was answered for")
        finally:
            broker.resume()
        assert (await health_of(service, 200))["healthy"]
