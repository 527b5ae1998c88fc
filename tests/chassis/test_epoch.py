"""A store that has gone back begins an epoch, once; how that is settled, see `test_settling`."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any, cast

import asyncpg
import pytest
from aiokafka import TopicPartition

from chassis.ids import event_id
from chassis.publish.sequence import LAST_EPOCH, epoch_of, sequence_of, version_of
from chassis.store import epoch
from chassis.store.connection import Connection, EpochOver, connect, sql
from chassis.store.epoch import Epochs
from chassis.store.heard import Word
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import TOPIC, EngineFixture, record
from tests.chassis.going_back import epochs, lost, publish, resting
from tests.chassis.own_words import Bus
from tests.chassis.toy import IMPOSSIBLE_C, PATIENT, WARD, hour, reading

KIND = PATIENT.name


def test_a_sequence_is_its_epoch_its_version_and_its_place() -> None:
    assert sequence_of(0, 7, 3) == 7_003
    assert sequence_of(2, 7, 3) == 20_000_000_007_003
    assert (epoch_of(20_000_000_007_003), version_of(20_000_000_007_003)) == (2, 7)
    assert len(str(sequence_of(LAST_EPOCH, 9_999_999_999, 999))) == 18


def test_in_another_epoch_the_same_cause_has_other_events() -> None:
    first = event_id("cause", "c-1", "t", 0)
    assert event_id("cause", "c-1", "t", 0, epoch=0) == first
    assert len({first, event_id("cause", "c-1", "t", 0, epoch=1), event_id("cause", "c-1", "t", 0, epoch=2)}) == 3


@pytest.mark.parametrize(
    ("known", "key", "kind"),
    [({}, "ward", "ward"), ({}, "c-1", KIND), ({KIND: 3}, "ward", KIND), ({"ward": 1}, "x", "ward")],
)
def test_a_lost_word_is_of_the_kind_that_has_its_key_and_if_none_has_of_the_one_that_states_it(
    known: dict[str, int], key: str, kind: str
) -> None:
    ward = replace(WARD, states=lambda _, key: key == "ward")
    look = epoch._Look("toy", [PATIENT, ward], cast("Any", None), cast("Any", None))
    assert look._aggregate_of(Word(key, "afterward.VitalSignsRecorded.v1", None, 1_000, 0, b""), known) == kind


async def test_a_store_that_knows_all_that_is_on_the_bus_stays_in_its_epoch(fixture: EngineFixture, dsn: str) -> None:
    bus = Bus()
    assert await epochs(fixture, dsn, bus).begin() == 0
    await fixture.take(record(reading("c-1", 1)), record(reading("c-1", 2, IMPOSSIBLE_C)), record(reading("c-2", 3)))
    await publish(fixture, bus)
    assert await epochs(fixture, dsn, bus).begin() == 0
    await fixture.connection.execute("DELETE FROM archive")  # an old part of it was detached
    assert await epochs(fixture, dsn, bus).begin() == 0


async def test_a_lost_bus_and_a_strangers_words_are_no_sign(fixture: EngineFixture, dsn: str) -> None:
    await fixture.take(record(reading("c-1", 1)))
    assert await epochs(fixture, dsn, Bus()).begin() == 0
    bus = Bus()
    await publish(fixture, bus)
    [(topic, key, value)] = bus.records
    later = value.replace(b'"sequence":"1000"', b'"sequence":"9000"')
    assert later != value
    bus.records += [(topic, key, later.replace(b'"/services/treatment"', b'"/services/nobody"')), (topic, key, b"x")]
    bus.records += [(topic, key, value.replace(b'"sequence":"1000"', b'"sequence":"999999999999999999"'))]
    assert await epochs(fixture, dsn, bus).begin() == 0
    bus.records += [(topic, key, later)]
    assert await epochs(fixture, dsn, bus).begin() == 1


@pytest.mark.parametrize("what", ["an event", "a refusal"])
async def test_an_event_that_the_store_does_not_know_begins_an_epoch_once(
    fixture: EngineFixture, dsn: str, what: str
) -> None:
    bus = Bus()
    async with lost(fixture):
        await fixture.take(record(reading("c-1", 1, 36.6 if what == "an event" else IMPOSSIBLE_C)))
        await publish(fixture, bus)
    assert [await epochs(fixture, dsn, bus).begin() for _ in range(3)] == [1, 1, 1]


async def test_a_group_that_has_read_further_begins_an_epoch_once(fixture: EngineFixture, dsn: str) -> None:
    place = TopicPartition(TOPIC, 3)
    await fixture.connection.execute("INSERT INTO read_offset VALUES ($1, 3, 70)", TOPIC)
    assert await epochs(fixture, dsn, Bus(group={place: 70})).begin() == 0
    further = Bus(group={place: 71})
    assert [await epochs(fixture, dsn, further).begin() for _ in range(3)] == [1, 1, 1]
    assert await epochs(fixture, dsn, Bus(group={place: 72})).begin() == 2


async def test_a_process_that_reads_on_while_another_begins_is_no_sign(fixture: EngineFixture, dsn: str) -> None:
    """As in a rolling restart under load: the other one has committed to the group what it had read into the store."""
    place = TopicPartition(TOPIC, 3)
    await fixture.connection.execute("INSERT INTO read_offset VALUES ($1, 3, 70)", TOPIC)
    reads_on = partial(fixture.connection.execute, "UPDATE read_offset SET next_offset = 71")
    assert await epochs(fixture, dsn, Bus(group={place: 71}, meanwhile=reads_on)).begin() == 0


async def test_of_many_processes_that_begin_at_once_one_begins_the_epoch(fixture: EngineFixture, dsn: str) -> None:
    bus = Bus()
    async with lost(fixture):
        await fixture.take(record(reading("c-1", 1)))
        await publish(fixture, bus)
    begun = await asyncio.gather(*(epochs(fixture, dsn, bus).begin() for _ in range(5)))
    assert (begun, await fixture.connection.fetchval("SELECT count(*) FROM lost_word")) == ([1] * 5, 1)


async def test_an_epoch_that_the_store_has_lost_itself_is_not_begun_again(fixture: EngineFixture, dsn: str) -> None:
    bus = Bus()
    await fixture.take(record(reading("c-1", 1)))
    await publish(fixture, bus)
    async with lost(fixture):
        async with lost(fixture):
            await fixture.take(record(reading("c-1", 2)))
            await publish(fixture, bus)
        fixture.engine.epoch = await epochs(fixture, dsn, bus).begin()
        await fixture.take(record(reading("c-1", 3)))
        await publish(fixture, bus)
        assert fixture.engine.epoch == 1
    assert await epochs(fixture, dsn, bus).begin() == 2


class Crash(Exception):
    """The process ends here."""


def crash_before_it_begins(name: str) -> str:
    if name == "begin_epoch":
        raise Crash
    return sql(name)


async def test_what_was_collected_before_a_crash_is_collected_again(
    fixture: EngineFixture, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = Bus()
    async with lost(fixture):
        await fixture.take(*(record(reading("c-1", at)) for at in range(5)))
        await publish(fixture, bus)
    monkeypatch.setattr(epoch, "sql", crash_before_it_begins)
    with pytest.raises(Crash):
        await epochs(fixture, dsn, bus).begin()
    assert await fixture.connection.fetchval("SELECT count(*) FROM lost_word WHERE since IS NULL") == 5
    assert await fixture.connection.fetchval(sql("read_epoch")) == 0
    monkeypatch.undo()
    assert await epochs(fixture, dsn, bus).begin() == 1
    assert await fixture.connection.fetchval("SELECT count(*) FROM lost_word WHERE since IS NOT NULL") == 5


async def test_who_still_lives_in_the_old_epoch_states_nothing(make_engine: MakeEngine) -> None:
    fixture, other = await make_engine(), await make_engine()
    await fixture.connection.execute(sql("begin_epoch"), 1, hour(0), 1)
    with pytest.raises(EpochOver):
        await fixture.take(record(reading("c-1", 1)))
    assert (await fixture.emitted(), await fixture.connection.fetchval("SELECT max(version) FROM state")) == ([], None)
    other.engine.epoch = 1
    await other.take(record(reading("c-1", 1)))
    assert [envelope.sequence for envelope in await other.emitted()] == [sequence_of(1, 1, 0)]


async def test_begin_waits_for_a_store_that_does_not_answer_yet(fixture: EngineFixture, dsn: str) -> None:
    tries = iter([OSError(), asyncpg.CannotConnectNowError(), None])

    async def connect_in_the_end() -> Connection:
        if (error := next(tries)) is not None:
            raise error
        return await connect(dsn, 30)

    assert await Epochs(fixture.engine, connect_in_the_end, "", resting, Bus().heard).begin() == 0
