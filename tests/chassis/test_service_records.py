"""Whatever a publisher's client makes of a record: a whole service reads it or parks its place, and goes on."""

from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from afterward.stack.bus import Bus
from chassis.clock import real_now
from chassis.ids import partition_of
from chassis.process.service import Service
from chassis.process.settings import Settings
from schemas.topic import PARTITIONS
from tests.chassis.engine_fixture import SERVICE, TOPIC, EngineFixture, record
from tests.chassis.fake_producer import GENEROUS_SECONDS
from tests.chassis.spoiling import SPOILT, Spoil, flipped, marked, spoil
from tests.chassis.test_service import judged, prefix, publish, running, settings
from tests.chassis.toy import CHART, reading

__all__ = ["prefix", "settings"]

CODECS = ("gzip", "snappy", "lz4", "zstd")


async def reported(bus: Bus, case: str, hours: range, **options: Any) -> None:
    """Readings of a case, as a publisher with such a producer sends them: all in one batch."""
    records = [record(reading(case, hour)) for hour in hours]
    given: dict[str, Any] = {"bootstrap_servers": bus.bootstrap_servers, "acks": "all", "linger_ms": 50, **options}
    async with AIOKafkaProducer(**given) as producer:
        sent = [await producer.send(each.topic, each.value, each.key, each.partition) for each in records]
        for one in sent:
            await one


async def idle(service: Service) -> dict[str, Any]:
    """What `/idle` says once all that is on the bus has been read."""
    return await service.health.idle_within(real_now(), GENEROUS_SECONDS)


async def spoilt(service: Service, name: str, how: Spoil) -> list[int]:
    """Whatever names this comes to the service spoilt; the fetch that was on its way before that is over."""
    offsets = spoil(service.consumption.consumer, lambda batch: name.encode() in batch, how)
    for _ in range(2):
        assert (await idle(service))["idle"]
    return offsets


async def unreadable(fixture: EngineFixture) -> list[Any]:
    """What was parked by its place; a new database reads all that is on the bus, also what other tests left there."""
    rows: list[Any] = await fixture.connection.fetch(
        "SELECT * FROM parked WHERE reason LIKE 'unreadable:%' ORDER BY id"
    )
    return rows


@pytest.mark.parametrize("codec", CODECS)
async def test_what_is_compressed_with_any_codec_of_kafka_is_judged(
    settings: Settings, fixture: EngineFixture, bus: Bus, prefix: str, codec: str
) -> None:
    case = f"{prefix}-{codec}"
    async with running(Service(SERVICE, [CHART], settings)):
        await reported(bus, case, range(5), compression_type=codec)
        await judged(fixture, case, events=5)
    assert await unreadable(fixture) == []


@pytest.mark.parametrize("how", ["an unknown codec 5", "a checksum that is wrong", "records that are cut"])
async def test_what_cannot_be_unpacked_is_parked_by_its_place_and_stops_nobody(
    settings: Settings, fixture: EngineFixture, bus: Bus, prefix: str, how: str
) -> None:
    case = f"{prefix}-{how.rsplit(maxsplit=1)[-1]}"
    service = Service(SERVICE, [CHART], settings)
    async with running(service):
        await reported(bus, case, range(1))
        await judged(fixture, case, events=1)
        offsets = await spoilt(service, f"{case}-bad", SPOILT[how])
        bad = record(reading(f"{case}-bad", 0))
        await publish(bus, [type(bad)(**{**_fields(bad), "partition": partition_of(case, PARTITIONS)})])
        await reported(bus, case, range(1, 4))
        await judged(fixture, case, events=4)
        assert (await idle(service))["idle"]
        assert (await service.health.health())[1]["records_behind"] == 0
        assert service.metrics.work
    (row,) = await unreadable(fixture)
    assert (row["topic"], row["partition"]) == (TOPIC, partition_of(case, PARTITIONS))
    assert row["record_offset"] == offsets[0]
    assert (row["record_key"], row["value"], row["key"]) == (None, None, None)


async def test_it_alarms_and_a_replay_keeps_it_where_it_is(
    settings: Settings, fixture: EngineFixture, bus: Bus, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service(SERVICE, [CHART], settings)
    async with running(service):
        await spoilt(service, prefix, flipped)
        await publish(bus, [record(reading(prefix, hour)) for hour in range(2)])
        assert (await idle(service))["idle"]
        before = [(row["digest"], row["reason"], row["record_offset"]) for row in await unreadable(fixture)]
        assert before
        await fixture.connection.execute("UPDATE parked SET replay = true WHERE reason LIKE 'unreadable:%'")
        while await fixture.connection.fetchval("SELECT count(*) FROM parked WHERE replay"):
            await idle(service)
    assert [(row["digest"], row["reason"], row["record_offset"]) for row in await unreadable(fixture)] == before
    metrics = {sample.name: sample.value for one in service.metrics.registry.collect() for sample in one.samples}
    assert metrics["afterward_unreadable_records_total"] == 2 * len(before)
    emitted = [line.getMessage() for line in caplog.records if "unreadable:" in line.getMessage()]
    assert f"{TOPIC}[{partition_of(prefix, PARTITIONS)}]" in emitted[0]
    assert "unreadable:CorruptRecordException" in emitted[0]
    assert prefix not in "".join(emitted)


async def test_after_a_restart_it_is_not_parked_again(
    settings: Settings, fixture: EngineFixture, bus: Bus, prefix: str
) -> None:
    """Its last offset is committed, however many it stands for."""
    service = Service(SERVICE, [CHART], settings)
    async with running(service):
        offsets = await spoilt(service, prefix, lambda sound: marked(sound, 6))
        await reported(bus, prefix, range(5))
        assert (await idle(service))["idle"]
    again = Service(SERVICE, [CHART], settings)
    async with running(again):
        assert (await idle(again))["idle"]
    assert [row["record_offset"] for row in await unreadable(fixture)] == [offsets[0]]
    assert not [name for name in await fixture.names() if prefix in name]


@pytest.mark.needs_kafka
@pytest.mark.parametrize("bus", ["kafka"], indirect=True)
async def test_what_a_transaction_aborted_was_never_said_and_its_mark_is_no_record_behind(
    settings: Settings, fixture: EngineFixture, bus: Bus, prefix: str
) -> None:
    service = Service(SERVICE, [CHART], settings)
    async with running(service):
        producer = AIOKafkaProducer(bootstrap_servers=bus.bootstrap_servers, transactional_id=prefix)
        async with producer:
            for hour, ends in enumerate(("abort", "commit", "abort")):
                sent = record(reading(prefix, hour))
                await producer.begin_transaction()
                await producer.send_and_wait(sent.topic, sent.value, sent.key, sent.partition)
                await getattr(producer, f"{ends}_transaction")()
            await judged(fixture, prefix, events=1)
            assert (await idle(service))["idle"], "the mark of the last is passed"
            assert service.consumption.watermarks.behind() == 0
            assert not service.consumption.watermarks.waiting(), "which is what the watchdog looks at"
            await producer.begin_transaction()
            sent = record(reading(prefix, 9))
            await producer.send_and_wait(sent.topic, sent.value, sent.key, sent.partition)
            assert (await idle(service))["idle"], "what is still open has not been said"
            await producer.commit_transaction()
        await judged(fixture, prefix, events=2)
    reported = [envelope.data["measured_at"] for envelope in await fixture.emitted() if envelope.subject == prefix]
    assert [instant[11:13] for instant in reported] == ["01", "09"]


def _fields(sent: Any) -> dict[str, Any]:
    return {name: getattr(sent, name) for name in sent.__struct_fields__}
