"""A store that goes back under a running process: noticed as it connects, whatever its relay has on its way."""

import asyncio

import pytest

from chassis.store.connection import StoreWentBack, sql
from tests.chassis.engine_fixture import TOPIC, EngineFixture, record
from tests.chassis.going_back import epochs, lost, publish, replaced
from tests.chassis.own_words import Bus
from tests.chassis.toy import reading


async def test_a_connection_to_a_store_that_has_gone_back_is_not_used(fixture: EngineFixture, dsn: str) -> None:
    bus, known = Bus(), {(TOPIC, 0): 5}
    await fixture.connection.execute("INSERT INTO read_offset VALUES ($1, 0, 5)", TOPIC)
    mine = epochs(fixture, dsn, bus, known)
    await mine.begin()
    looks = bus.looks
    assert await mine.same(fixture.connection) is fixture.connection
    assert bus.looks == looks, "the very same server and database need no look at the bus"
    await replaced(fixture.connection)
    assert await mine.same(fixture.connection) is fixture.connection
    async with lost(fixture):
        await fixture.take(record(reading("c-1", 1)))
        await publish(fixture, bus)
    await replaced(fixture.connection)
    with pytest.raises(StoreWentBack):
        await mine.same(fixture.connection)
    await fixture.connection.execute("UPDATE store_identity SET epoch = 0")
    bus.records.clear()
    await fixture.connection.execute("UPDATE read_offset SET next_offset = 4")
    with pytest.raises(StoreWentBack):
        await mine.same(fixture.connection)
    await fixture.connection.execute("UPDATE read_offset SET next_offset = 5")
    await mine.same(fixture.connection)
    await fixture.connection.execute("UPDATE store_identity SET epoch = 1")
    with pytest.raises(StoreWentBack):
        await mine.same(fixture.connection)


async def test_what_the_relay_has_on_its_way_comes_before_the_look(fixture: EngineFixture, dsn: str) -> None:
    bus, on_its_way, landed = Bus(), Bus(), asyncio.Event()
    mine = epochs(fixture, dsn, bus, at_rest=landed.wait)
    landed.set()
    await mine.begin()
    landed.clear()
    async with lost(fixture):
        await fixture.take(record(reading("c-1", 1)))
        await publish(fixture, on_its_way)
    await replaced(fixture.connection)
    looks = bus.looks
    connecting = asyncio.create_task(mine.connect())
    await asyncio.wait([connecting], timeout=0.3)
    assert (connecting.done(), bus.looks) == (False, looks)
    bus.records += on_its_way.records
    landed.set()
    with pytest.raises(StoreWentBack):
        await connecting
    assert await fixture.connection.fetchval(sql("read_epoch")) == 1, "whoever takes over states nothing in the old one"
    assert await fixture.connection.fetchval("SELECT count(*) FROM lost_word") == 1
