"""Outbox → bus: in order for each case, one owner a shard, and nothing is forgotten before the bus has it."""

import asyncio
from collections import defaultdict
from itertools import pairwise
from typing import Any

import psutil
import pytest

from afterward.stack.bus import Bus
from afterward.stack.tansu import Tansu
from chassis.ids import partition_of
from chassis.process.outages import Outage
from chassis.process.service import Service
from chassis.process.settings import Settings
from chassis.publish import relay as relaying
from chassis.publish.relay import LOCK_CLASS
from chassis.store.connection import sql
from schemas.envelope import HEADERS, read
from schemas.topic import PARTITIONS
from tests.chassis.engine_fixture import SERVICE, EngineFixture
from tests.chassis.fake_producer import (
    GENEROUS_SECONDS,
    FakeProducer,
    all_sent,
    make_topic,
    read_topic,
    relay_of,
    running,
    say,
    unsent,
    written,
)
from tests.chassis.toy import CHART
from tests.outbox import ALL_SENT


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is normally waited for half a second is waited for a moment."""
    monkeypatch.setattr(relaying, "BACK_OFF_SECONDS", 0.01)
    monkeypatch.setattr(relaying, "POLL_SECONDS", 0.05)


@pytest.fixture
def topic(request: pytest.FixtureRequest) -> str:
    """A name that no other test uses."""
    name: str = request.node.originalname
    return name[5:80]


async def test_every_event_reaches_its_partition_in_the_order_of_its_case(
    fixture: EngineFixture, dsn: str, bus: Bus, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "ROWS_A_SHARD", 30)
    monkeypatch.setattr(relaying, "BATCH_BYTES", 10_000)
    await make_topic(bus, topic)
    await say(fixture, topic, cases=40, hours=range(10))
    async with running(relay_of(dsn, bus)):
        await all_sent(fixture)
    records = await read_topic(bus, topic, 400)
    assert len(records) == 400
    sequences = defaultdict(list)
    for found in records:
        envelope = read(found.value, found.headers)
        assert (found.key, list(found.headers)) == (envelope.subject.encode(), list(HEADERS))
        assert found.partition == partition_of(envelope.subject, PARTITIONS)
        sequences[envelope.subject].append(envelope.sequence or 0)
    assert len(sequences) == 40
    assert all(earlier < later for each in sequences.values() for earlier, later in pairwise(each))


async def test_events_are_unsent_until_the_bus_has_acknowledged_them(fixture: EngineFixture, dsn: str) -> None:
    fake_producer = FakeProducer(hold=True)
    await say(fixture, "t", cases=1)
    async with running(relay_of(dsn, fake_producer)):
        async with asyncio.timeout(GENEROUS_SECONDS):
            while not fake_producer.held:
                await asyncio.sleep(0.01)
        for _ in range(50):  # many times as long as the relay would need to say so
            assert await unsent(fixture) == len(fake_producer.sent) == 4
        fake_producer.held[0].set_result(None)
        await all_sent(fixture)
    assert fake_producer.starts == 1


@pytest.mark.parametrize("ends", ["sent", "given up"])
async def test_a_relay_is_at_rest_when_nothing_is_on_its_way(fixture: EngineFixture, dsn: str, ends: str) -> None:
    fake_producer = FakeProducer(hold=True)
    await say(fixture, "t", cases=1)
    relay = relay_of(dsn, fake_producer, send_timeout_seconds=30 if ends == "sent" else 1)
    async with running(relay), asyncio.timeout(GENEROUS_SECONDS):
        while not fake_producer.held:
            await asyncio.sleep(0.01)
        resting = asyncio.create_task(relay.at_rest())
        await asyncio.wait([resting], timeout=0.2)
        assert not resting.done()
        if ends == "sent":
            fake_producer.held[0].set_result(None)
        await resting
        assert len(fake_producer.held) == 1, "nothing is sent again before that"
        fake_producer.hold = False
        await all_sent(fixture)
        await relay.at_rest()


async def test_after_a_failed_batch_nothing_later_of_that_partition_is_sent_before_it(
    fixture: EngineFixture, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "BATCH_BYTES", 1)
    fake_producer = FakeProducer(refuse=1)
    await say(fixture, "t", cases=1)
    async with running(relay_of(dsn, fake_producer)):
        await all_sent(fixture)
    assert fake_producer.sent == await written(fixture)
    assert fake_producer.starts == 2, "the producer is made anew after an error"


async def test_two_relays_never_own_one_shard_and_the_second_takes_over_from_the_first(
    fixture: EngineFixture, dsn: str
) -> None:
    one, two = FakeProducer(), FakeProducer()
    async with running(relay_of(dsn, two)):
        async with running(relay_of(dsn, one)):
            for hour in range(10):
                await say(fixture, "t", cases=10, hours=[hour])
                await all_sent(fixture)
            owners = await fixture.connection.fetch(
                "SELECT objid, count(*) FROM pg_locks "
                "WHERE locktype = 'advisory' AND classid = $1 AND granted GROUP BY 1",
                LOCK_CLASS,
            )
            assert {row["objid"]: row["count"] for row in owners} == dict.fromkeys(range(PARTITIONS), 1)
        sent_by_both = [*one.sent, *two.sent]
        assert len(sent_by_both) == len(set(sent_by_both)) == 100
        await say(fixture, "t", cases=10, hours=[11])
        await all_sent(fixture)
    assert len({*one.sent, *two.sent}) == 110


async def test_a_relay_gives_up_the_shards_that_are_not_its_own_any_more(fixture: EngineFixture, dsn: str) -> None:
    shards = [0, 1, 2]
    async with running(relay_of(dsn, FakeProducer(), shards)):
        await until_locked(fixture, {0, 1, 2})
        shards.remove(1)
        await until_locked(fixture, {0, 2})


async def until_locked(fixture: EngineFixture, shards: set[int]) -> None:
    """Returns when exactly these shards have an owner."""
    query = "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND granted"
    async with asyncio.timeout(GENEROUS_SECONDS):
        while {row["objid"] for row in await fixture.connection.fetch(query, LOCK_CLASS)} != shards:
            await asyncio.sleep(0.01)


async def test_an_owner_that_sleeps_too_long_loses_its_shards(fixture: EngineFixture, dsn: str) -> None:
    given: dict[str, Any] = {"database_dsn": dsn, "shard_session_timeout_seconds": 1}
    frozen = await Service(SERVICE, [CHART], Settings(**given))._connect_relay()  # as a service's own relay connects
    assert await frozen.fetchval("SHOW idle_session_timeout") == "1s"
    await frozen.execute("SELECT pg_advisory_lock($1, generate_series(0, $2))", LOCK_CLASS, PARTITIONS - 1)
    await say(fixture, "t")
    fake_producer = FakeProducer()
    async with running(relay_of(dsn, fake_producer)):
        await all_sent(fixture)
    assert len(fake_producer.sent) == 20


async def test_where_another_has_sent_the_same_all_from_there_on_is_said_again(
    fixture: EngineFixture, dsn: str
) -> None:
    """It slept after sending; the other has sent later events, and a compacted topic must end with the newest."""
    fake_producer = FakeProducer(hold=True)
    await say(fixture, "t", cases=2, hours=range(2))
    relay = relay_of(dsn, fake_producer)
    async with running(relay):
        async with asyncio.timeout(GENEROUS_SECONDS):
            while len(fake_producer.sent) < 4:
                await asyncio.sleep(0.01)
        await say(fixture, "t", cases=1, hours=[5])
        await fixture.connection.execute(ALL_SENT)
        fake_producer.hold = False
        for acknowledged in fake_producer.held:
            acknowledged.set_result(None)
        async with asyncio.timeout(GENEROUS_SECONDS):
            while len(fake_producer.sent) < 9:
                await asyncio.sleep(0.01)
        await all_sent(fixture)
    again = [(one.subject, one.data["measured_at"][11:13]) for one in map(read, fake_producer.sent[4:])]
    assert [hour for case, hour in again if case == "c-0"] == ["00", "01", "05"]
    assert [hour for case, hour in again if case == "c-1"] == ["00", "01"]


async def test_republish_fills_a_bus_that_lost_everything_with_the_same_events_in_their_order(
    fixture: EngineFixture, dsn: str, bus: Bus, topic: str
) -> None:
    await make_topic(bus, topic)
    await say(fixture, topic)
    async with running(relay_of(dsn, bus)):
        await all_sent(fixture)
        assert await fixture.connection.fetchval(sql("republish"), None) == 20
        assert await unsent(fixture) == 20
        await fixture.connection.execute(sql("republish"), None)
        await all_sent(fixture)
    partitions = defaultdict(list)
    for found in await read_topic(bus, topic, 40):
        partitions[found.partition].append(read(found.value).id)
    assert sum(map(len, partitions.values())) == 40
    for ids in partitions.values():
        assert ids[: len(ids) // 2] == ids[len(ids) // 2 :]


async def test_a_broker_that_freezes_is_given_up_and_served_again_when_it_thaws(
    fixture: EngineFixture, dsn: str, tansu: Tansu, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a producer has in hand then would be flushed for ever; it is cut off, and nothing of it is left behind."""
    monkeypatch.setattr(relaying, "END_SECONDS", 0.1)
    outage = Outage("the bus")
    monkeypatch.setattr(relaying, "BUS", outage)
    await make_topic(tansu, topic)
    async with running(relay_of(dsn, tansu, send_timeout_seconds=1)):
        await say(fixture, topic, hours=[0])
        await all_sent(fixture)
        broker = psutil.Process(tansu._daemon.pid)
        broker.suspend()
        try:
            await say(fixture, topic, hours=[1])
            async with asyncio.timeout(GENEROUS_SECONDS):
                while outage.failures < 2:
                    await asyncio.sleep(0.01)
            assert not [task for task in asyncio.all_tasks() if "_sender_routine" in repr(task)]
            assert await unsent(fixture) == 5
        finally:
            broker.resume()
        await all_sent(fixture)
    assert len({read(record.value).id for record in await read_topic(tansu, topic, 10)}) == 10


@pytest.mark.needs_kafka
async def test_a_broker_that_dies_and_comes_back_has_every_event_in_order(
    fixture: EngineFixture, dsn: str, kafka: Bus, topic: str
) -> None:
    await make_topic(kafka, topic)
    async with running(relay_of(dsn, kafka)):
        await say(fixture, topic, hours=range(4))
        await all_sent(fixture)
        kafka.kill()
        await say(fixture, topic, hours=range(4, 8))
        await kafka.start()
        await say(fixture, topic, hours=range(8, 12))
        await all_sent(fixture)
    last: dict[str, int] = {}
    seen = set()
    for found in await read_topic(kafka, topic, 60):
        envelope = read(found.value)
        if envelope.id not in seen:  # what was sent twice is said under one id
            assert last.get(envelope.subject, 0) < (envelope.sequence or 0)
            last[envelope.subject] = envelope.sequence or 0
        seen.add(envelope.id)
    assert len(seen) == 60
