"""What a process has committed goes to its relay in memory; what is missing there is found by its number."""

import asyncio

import pytest

from chassis.publish import relay as relaying
from chassis.store.connection import sql
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import EngineFixture, record
from tests.chassis.fake_producer import GENEROUS_SECONDS, FakeProducer, all_sent, relay_of, running, written
from tests.chassis.toy import reading


async def test_what_is_committed_while_the_relay_waits_is_sent_at_once_and_not_read_back(
    fixture: EngineFixture, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "POLL_SECONDS", 1_000)
    fake_producer, fresh = FakeProducer(), fixture.engine.fresh
    asked: list[str] = []
    relay = relay_of(dsn, fake_producer, fresh=fresh, asked=asked)
    async with running(relay), asyncio.timeout(GENEROUS_SECONDS):
        while sql("read_shards") not in asked:
            await asyncio.sleep(0.01)
        for hour in range(4):
            await fixture.take(*(record(reading(f"c-{case}", hour)) for case in range(5)))
            relay.notify()
            await all_sent(fixture)
    assert sorted(fake_producer.sent) == sorted(await written(fixture))
    assert sql("read_unsent") not in asked


async def test_what_another_process_has_committed_is_noticed_by_its_missing_number(
    make_engine: MakeEngine, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "POLL_SECONDS", 1_000)
    here, elsewhere = await make_engine(), await make_engine()
    fake_producer, asked = FakeProducer(), list[str]()
    relay = relay_of(dsn, fake_producer, fresh=here.engine.fresh, asked=asked)
    async with running(relay), asyncio.timeout(GENEROUS_SECONDS):
        while sql("read_shards") not in asked:
            await asyncio.sleep(0.01)
        await elsewhere.take(record(reading("c-1", 0)))
        await here.take(record(reading("c-1", 1)))
        relay.notify()
        await all_sent(here)
    assert fake_producer.sent == await written(here)
