"""A whole service in this process, judging patients on a real bus and a real database."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event

from afterward.stack.bus import Bus
from afterward.stack.supervisor import topic_spec
from afterward.stack.topics import ensure_topics
from chassis.clock import RealTime, monotonic, real_now
from chassis.consume import faststream_adapter
from chassis.consume.reader import Record
from chassis.process.service import Service
from chassis.process.settings import Settings
from schemas.envelope import read
from schemas.topics import TOPICS
from tests.chassis.consumer import FakeConsumer
from tests.chassis.engine_fixture import SERVICE, TOPIC, EngineFixture, raw, record
from tests.chassis.fake_producer import GENEROUS_SECONDS, read_topic
from tests.chassis.shared_bus import has_read_all
from tests.chassis.toy import CHART, IMPOSSIBLE_C, RAISING_C, Defect, conclude_nothing, reading

EVENTS, REJECTIONS = f"{SERVICE}.events.v1", f"{SERVICE}.rejections.v1"


@pytest.fixture
async def settings(bus: Bus, dsn: str) -> Settings:
    """The settings of a service on this bus, with a database of the test's own; all topics are there."""
    await ensure_topics(bus.bootstrap_servers, [topic_spec(topic) for topic in TOPICS])
    await has_read_all(bus, dsn)
    given: dict[str, Any] = {
        "bootstrap_servers": bus.bootstrap_servers,
        "database_dsn": dsn,
        "producer_idempotent": bus.idempotent,
        "session_timeout_ms": 3_000,
        "fetch_max_wait_ms": 20,
        "wakeup_poll_ms": 50,
    }
    return Settings(**given)


@pytest.fixture
def prefix(request: pytest.FixtureRequest, bus: Bus) -> str:
    """What the cases of a test are called; the buses are shared."""
    return f"{request.node.originalname[5:60]}-{bus.name.split()[0]}"


@asynccontextmanager
async def running(*services: Service) -> AsyncIterator[None]:
    """Services that have their partitions, and are ended in order."""
    try:
        for service in services:
            await service.app.start()
            async with asyncio.timeout(GENEROUS_SECONDS):
                await service.consumption.watermarks.known.wait()
        yield
    finally:
        await asyncio.gather(*(service.app.stop() for service in services))


async def publish(bus: Bus, records: Sequence[Record], *, timestamp_ms: int | None = None) -> None:
    """As an outside publisher does."""
    producer = AIOKafkaProducer(bootstrap_servers=bus.bootstrap_servers, acks="all", max_request_size=5 << 20)
    async with producer:
        sent = [
            await producer.send(
                each.topic, each.value, each.key, each.partition, timestamp_ms, headers=list(each.headers)
            )
            for each in records
        ]
        await asyncio.gather(*sent)


_SO_FAR = """
SELECT (SELECT count(*) FROM archive WHERE starts_with(key, $1)),
       (SELECT count(*) FROM outbox),
       (SELECT count(*) FROM parked WHERE starts_with(convert_from(record_key, 'UTF8'), $1))
"""


async def judged(fixture: EngineFixture, prefix: str, events: int, parked: int = 0) -> None:
    """Returns when so many events about a test's own cases are on the bus, and so many of its records parked.

    The group is shared: what another test has left unread is read, too.
    """
    deadline = monotonic() + GENEROUS_SECONDS
    while (so_far := tuple(await fixture.connection.fetchrow(_SO_FAR, prefix))) != (events, 0, parked):
        assert monotonic() < deadline, (
            f"{so_far} events, unsent, parked; {await fixture.names()}; {await fixture.parked()}"
        )
        await asyncio.sleep(0.02)


def bad(case: str) -> list[Record]:
    """Records that nobody can be answered about, and reports that are refused."""
    good = record(reading(case, 0)).value or b""
    return [
        raw(b"not JSON", case.encode()),
        raw(None, case.encode()),
        raw(good.replace(b"VitalSignsReported.v1", b"VitalSignsReported.v7"), case.encode()),
        raw(b"x" * 2_000_000, case.encode()),
        record(reading(case, 1, IMPOSSIBLE_C)),
        record(reading(case, 2), subject=f"{case}-other"),
        record(reading(case, 1_000_000), 0),
    ]


async def test_bad_records_never_stop_a_service_and_what_it_says_is_read_by_an_independent_witness(
    settings: Settings, fixture: EngineFixture, bus: Bus, prefix: str
) -> None:
    spoilt, good = bad(prefix), record(reading(prefix, 10))
    odd_headers = raw(
        record(reading(prefix, 11)).value,
        prefix.encode(),
        headers=[("a", None), ("b", b"\xff\xfe"), ("reply_to", b"nowhere"), ("correlation_id", b"\xff")],
    )
    service = Service(SERVICE, [CHART], settings)
    async with running(service):
        for _ in range(2):
            await publish(bus, [*spoilt, good, odd_headers])
        assert (await service.health.idle_within(real_now(), GENEROUS_SECONDS))["idle"], "what came twice is read, too"
        await judged(fixture, prefix, events=6, parked=4)
        assert (await service.health.health())[0] == 200
    reasons = Counter(reason for reason, _ in await fixture.parked())
    assert reasons == {"not_json": 2, "empty": 1, "unknown_type": 1}
    records = [*await read_topic(bus, EVENTS, 2), *await read_topic(bus, REJECTIONS, 4)]
    mine = [each for each in records if (each.key or b"").decode().startswith(prefix)]
    assert len(mine) == 6
    for each in mine:
        ours = read(each.value, each.headers)
        theirs = from_kafka_event(KafkaMessage(headers=dict(each.headers), key=each.key, value=each.value or b""))
        assert (theirs.get_id(), theirs.get_type()) == (ours.id, ours.type)
        assert (theirs.get_subject(), theirs.get_time()) == (ours.subject, ours.time)
        assert theirs.get_data() == ours.data
        assert theirs.get_extension("sequence") == str(ours.sequence)
        assert theirs.get_extension("partitionkey") == ours.subject


async def test_a_service_for_which_nobody_fetches_any_more_stops(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its group takes it for a living one, and nobody else gets its partitions."""
    stopped = asyncio.Event()
    monkeypatch.setattr(faststream_adapter, "stop", lambda _why: stopped.set())
    service = Service(SERVICE, [CHART], settings)
    async with running(service), asyncio.timeout(GENEROUS_SECONDS):
        assert not stopped.is_set()
        consumer: Any = service.consumption.consumer
        consumer._fetcher.error_future.cancel()
        await stopped.wait()


@pytest.mark.parametrize("timestamp_ms", [0, 1 << 61])
async def test_a_record_whose_timestamp_is_nonsense_is_judged_and_stops_nobody(
    settings: Settings, fixture: EngineFixture, bus: Bus, prefix: str, timestamp_ms: int
) -> None:
    case = f"{prefix}-{timestamp_ms}"
    async with running(Service(SERVICE, [CHART], settings)):
        await publish(bus, [record(reading(f"{case}-odd", 0))], timestamp_ms=timestamp_ms)
        await publish(bus, [record(reading(case, 0))])
        await judged(fixture, case, events=2)


async def test_what_was_published_while_a_service_was_away_is_judged_when_it_is_back(
    settings: Settings, fixture: EngineFixture, bus: Bus, prefix: str
) -> None:
    """Its first fetch comes back faster than the answer to where its partitions begin; nothing may fall between."""
    async with running(Service(SERVICE, [CHART], settings)):
        await publish(bus, [record(reading(f"{prefix}-0", 0))])
        await judged(fixture, prefix, events=1)
    for round_ in range(1, 3):
        await publish(bus, [record(reading(f"{prefix}-{number % 20}", round_ * 100 + number)) for number in range(100)])
        async with running(Service(SERVICE, [CHART], settings)):
            await judged(fixture, prefix, events=1 + 100 * round_)


async def test_a_second_process_takes_a_share_of_the_cases_and_gives_it_back(
    settings: Settings, make_engine: Any, bus: Bus, prefix: str
) -> None:
    fixture = await make_engine()
    first, second = (Service(SERVICE, [CHART], settings) for _ in range(2))
    async with running(first):
        await publish(bus, [record(reading(f"{prefix}-{number}", 0)) for number in range(50)])
        async with running(second):
            async with asyncio.timeout(GENEROUS_SECONDS):
                while sum(len(one.consumption.watermarks.partitions) for one in (first, second)) != 6:
                    await asyncio.sleep(0.02)
            await publish(bus, [record(reading(f"{prefix}-{number}", 1)) for number in range(50)])
            await judged(fixture, prefix, events=100)
        await publish(bus, [record(reading(f"{prefix}-{number}", 2)) for number in range(50)])
        await judged(fixture, prefix, events=150)
    emitted = [envelope for envelope in await fixture.emitted() if envelope.subject.startswith(prefix)]
    assert len({(envelope.subject, envelope.sequence) for envelope in emitted}) == 150


async def test_a_rule_that_raises_holds_up_its_case_and_an_operators_replay_frees_it(
    settings: Settings, fixture: EngineFixture, bus: Bus, prefix: str
) -> None:
    defect = Defect()
    async with running(Service(SERVICE, [replace(defect.aggregate(), conclude=conclude_nothing)], settings)):
        case = [record(reading(prefix, 0, RAISING_C)), record(reading(prefix, 1))]
        await publish(bus, [*case, record(reading(f"{prefix}-other", 0))])
        async with asyncio.timeout(GENEROUS_SECONDS):
            while [key for _, key in await fixture.parked()].count(prefix) < 2:  # others' are read, too
                await asyncio.sleep(0.02)
        defect.mended = True
        await fixture.connection.execute("UPDATE parked SET replay = true WHERE key = $1", prefix)
        async with asyncio.timeout(GENEROUS_SECONDS):
            while prefix in [key for _, key in await fixture.parked()] or (await fixture.state(prefix))["blocked"]:
                await asyncio.sleep(0.02)
    reported = [envelope.data["temperature_c"] for envelope in await fixture.emitted() if envelope.subject == prefix]
    assert reported == [RAISING_C, 36.6]


async def test_a_fetch_that_cannot_be_handed_over_stops_the_process_before_anything_later_is_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """FastStream goes on with the next fetch after an error: committed, that one would bury this one."""
    ends: list[bool] = []
    monkeypatch.setattr("chassis.process.shutdown.end_process", lambda: ends.append(True))
    service, consumer, partition = Service(SERVICE, [CHART], Settings()), FakeConsumer(), TopicPartition(TOPIC, 0)
    subscriber: Any = service.consumption.subscriber
    subscriber.consumer = consumer
    service.consumption.watermarks.assigned({partition: 0})
    consumer.fetched(partition, end=2, seconds_ago=0)
    monkeypatch.setattr(RealTime, "at", lambda self, real: 1 / 0)
    await service.consumption.receive([consumer.record(partition, 0, 0)])
    assert ends
    monkeypatch.undo()
    later = asyncio.create_task(service.consumption.receive([consumer.record(partition, 1, 0)]))
    await asyncio.sleep(0)
    assert not later.done()
    assert service.workers.idle
    later.cancel()
