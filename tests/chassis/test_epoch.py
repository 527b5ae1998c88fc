"""A store that has gone back begins an epoch, once, and has the last word again on all that readers have heard."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count

import asyncpg
import pytest
from aiokafka import TopicPartition

from chassis import epoch
from chassis.epoch import Epochs
from chassis.ids import event_id
from chassis.reading import Wake
from chassis.sequence import LAST_EPOCH, epoch_of, sequence_of, version_of
from chassis.store import Connection, EpochOver, StoreWentBack, connect, sql
from schemas.envelope import HEADERS, read
from schemas.topics import PARTITIONS
from tests.chassis.conftest import MakeDesk
from tests.chassis.desk import TOPIC, Desk, record
from tests.chassis.own_words import Bus
from tests.chassis.toy import IMPOSSIBLE_C, PATIENT, hour, reading

KIND = PATIENT.name
_copies = count()


async def publish(desk: Desk, bus: Bus) -> None:
    """As the relay does."""
    rows = await desk.connection.fetch("SELECT topic, key, message FROM archive JOIN outbox USING (id) ORDER BY id")
    bus.records += [tuple(row) for row in rows]
    await desk.connection.execute("DELETE FROM outbox")


def epochs(desk: Desk, dsn: str, bus: Bus, known: Mapping[tuple[str, int], int] | None = None) -> Epochs:
    desk.engine.bookmarks.begin(known or {})
    return Epochs(desk.engine, lambda: connect(dsn, 30), "", bus.heard)


@asynccontextmanager
async def lost(desk: Desk) -> AsyncIterator[None]:
    """What happens within this the store does not know afterwards."""
    kept = f"kept_{next(_copies)}"
    names = ("state", "archive", "outbox", "parked", "read_offset", "store_identity", "lost_word")
    for name in names:
        await desk.connection.execute(f"CREATE TABLE {kept}_{name} AS TABLE {name}")
    yield
    for name in names:
        await desk.connection.execute(f"DELETE FROM {name}")
        identity = "OVERRIDING SYSTEM VALUE" if name == "parked" else ""
        await desk.connection.execute(f"INSERT INTO {name} {identity} TABLE {kept}_{name}")
        await desk.connection.execute(f"DROP TABLE {kept}_{name}")


async def settle(desk: Desk, read_to: int) -> None:
    """What can be settled once all topics have been read up to an hour."""
    reading_to = [list(range(PARTITIONS)), [hour(read_to)] * PARTITIONS, 1_000]
    rows = await desk.connection.fetch(sql("find_lost"), *reading_to)
    wakes = [Wake(PATIENT, row["key"], row["partition"], settles=True) for row in rows]
    await desk.take(wakes=wakes, read_to=hour(read_to))


def temperatures(bus: Bus) -> dict[str, list[float]]:
    """Case → the temperatures that stand for whoever reads the bus."""
    told: dict[str, list[float]] = {}
    for envelope in bus.says().values():
        told.setdefault(envelope.subject, []).append(envelope.data["temperature_c"])
    return {case: sorted(values) for case, values in told.items()}


def test_a_sequence_is_its_epoch_its_version_and_its_place() -> None:
    assert sequence_of(0, 7, 3) == 7_003
    assert sequence_of(2, 7, 3) == 20_000_000_007_003
    assert (epoch_of(20_000_000_007_003), version_of(20_000_000_007_003)) == (2, 7)
    assert len(str(sequence_of(LAST_EPOCH, 9_999_999_999, 999))) == 18


def test_in_another_epoch_the_same_cause_has_other_events() -> None:
    first = event_id("cause", "c-1", "t", 0)
    assert event_id("cause", "c-1", "t", 0, epoch=0) == first
    assert len({first, event_id("cause", "c-1", "t", 0, epoch=1), event_id("cause", "c-1", "t", 0, epoch=2)}) == 3


async def test_a_store_that_knows_all_that_is_on_the_bus_stays_in_its_epoch(desk: Desk, dsn: str) -> None:
    bus = Bus()
    assert await epochs(desk, dsn, bus).begin() == 0
    await desk.take(record(reading("c-1", 1)), record(reading("c-1", 2, IMPOSSIBLE_C)), record(reading("c-2", 3)))
    await publish(desk, bus)
    assert await epochs(desk, dsn, bus).begin() == 0
    await desk.connection.execute("DELETE FROM archive")  # an old part of it was detached
    assert await epochs(desk, dsn, bus).begin() == 0


async def test_a_lost_bus_and_a_strangers_words_are_no_sign(desk: Desk, dsn: str) -> None:
    await desk.take(record(reading("c-1", 1)))
    assert await epochs(desk, dsn, Bus()).begin() == 0
    bus = Bus()
    await publish(desk, bus)
    [(topic, key, value)] = bus.records
    later = value.replace(b'"sequence":"1000"', b'"sequence":"9000"')
    assert later != value
    bus.records += [(topic, key, later.replace(b'"/services/treatment"', b'"/services/nobody"')), (topic, key, b"x")]
    bus.records += [(topic, key, value.replace(b'"sequence":"1000"', b'"sequence":"999999999999999999"'))]
    assert await epochs(desk, dsn, bus).begin() == 0
    bus.records += [(topic, key, later)]
    assert await epochs(desk, dsn, bus).begin() == 1


@pytest.mark.parametrize("what", ["an event", "a refusal"])
async def test_an_event_that_the_store_does_not_know_begins_an_epoch_once(desk: Desk, dsn: str, what: str) -> None:
    bus = Bus()
    async with lost(desk):
        await desk.take(record(reading("c-1", 1, 36.6 if what == "an event" else IMPOSSIBLE_C)))
        await publish(desk, bus)
    assert [await epochs(desk, dsn, bus).begin() for _ in range(3)] == [1, 1, 1]


async def test_a_group_that_has_read_further_begins_an_epoch_once(desk: Desk, dsn: str) -> None:
    place = TopicPartition(TOPIC, 3)
    await desk.connection.execute("INSERT INTO read_offset VALUES ($1, 3, 70)", TOPIC)
    assert await epochs(desk, dsn, Bus(group={place: 70})).begin() == 0
    further = Bus(group={place: 71})
    assert [await epochs(desk, dsn, further).begin() for _ in range(3)] == [1, 1, 1]
    assert await epochs(desk, dsn, Bus(group={place: 72})).begin() == 2


async def test_of_many_processes_that_begin_at_once_one_begins_the_epoch(desk: Desk, dsn: str) -> None:
    bus = Bus()
    async with lost(desk):
        await desk.take(record(reading("c-1", 1)))
        await publish(desk, bus)
    begun = await asyncio.gather(*(epochs(desk, dsn, bus).begin() for _ in range(5)))
    assert (begun, await desk.connection.fetchval("SELECT count(*) FROM lost_word")) == ([1] * 5, 1)


async def test_an_epoch_that_the_store_has_lost_itself_is_not_begun_again(desk: Desk, dsn: str) -> None:
    bus = Bus()
    await desk.take(record(reading("c-1", 1)))
    await publish(desk, bus)
    async with lost(desk):
        async with lost(desk):
            await desk.take(record(reading("c-1", 2)))
            await publish(desk, bus)
        desk.engine.epoch = await epochs(desk, dsn, bus).begin()
        await desk.take(record(reading("c-1", 3)))
        await publish(desk, bus)
        assert desk.engine.epoch == 1
    assert await epochs(desk, dsn, bus).begin() == 2


async def test_what_was_collected_before_a_crash_is_collected_again(
    desk: Desk, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = Bus()
    async with lost(desk):
        await desk.take(*(record(reading("c-1", at)) for at in range(5)))
        await publish(desk, bus)
    monkeypatch.setattr(epoch, "sql", lambda name: "SELECT 1/0" if name == "begin_epoch" else sql(name))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await epochs(desk, dsn, bus).begin()
    assert await desk.connection.fetchval("SELECT count(*) FROM lost_word WHERE since IS NULL") == 5
    assert await desk.connection.fetchval(sql("read_epoch")) == 0
    monkeypatch.undo()
    assert await epochs(desk, dsn, bus).begin() == 1
    assert await desk.connection.fetchval("SELECT count(*) FROM lost_word WHERE since IS NOT NULL") == 5


async def settled(desk: Desk, dsn: str) -> Bus:
    """A store that has gone back and has settled all that was lost but one reading, which has come again.

    Lost: a correction, a reading, the one that came again, and all of another case.
    """
    bus, again = Bus(), record(reading("c-1", 3, 36.3))
    await desk.take(record(reading("c-1", 1, 36.1)))
    await publish(desk, bus)
    async with lost(desk):
        corrected, forgotten = record(reading("c-1", 1, 36.9), 9), record(reading("c-1", 2, 36.2))
        await desk.take(corrected, forgotten, again, record(reading("c-2", 4, 36.4)))
        await publish(desk, bus)
    assert temperatures(bus) == {"c-1": [36.2, 36.3, 36.9], "c-2": [36.4]}
    desk.clock.instant = hour(10)
    desk.engine.epoch = await epochs(desk, dsn, bus).begin()
    await desk.take(again)
    await settle(desk, read_to=9)
    assert await desk.connection.fetchval("SELECT count(*) FROM lost_word") == 4, "not all has been read by then"
    await settle(desk, read_to=10)
    await publish(desk, bus)
    return bus


async def test_readers_end_where_the_store_is(desk: Desk, dsn: str) -> None:
    bus = await settled(desk, dsn)
    assert temperatures(bus) == {"c-1": [36.1, 36.3]}
    assert await desk.connection.fetchval("SELECT count(*) FROM lost_word") == 0


async def test_each_lost_thing_is_said_once_in_the_new_epoch_under_an_id_of_its_own(desk: Desk, dsn: str) -> None:
    bus = await settled(desk, dsn)
    said = [envelope for envelope in await desk.said() if epoch_of(envelope.sequence or 0)]
    told = [(one.subject, one.data["temperature_c"], one.data.get("withdrawn")) for one in said]
    assert sorted(told, key=str) == [
        ("c-1", 36.1, None), ("c-1", 36.2, True), ("c-1", 36.3, None), ("c-2", 36.4, True)
    ]  # fmt: skip
    ids = [read(value, HEADERS).id for _, _, value in bus.records]
    assert len(ids) == len(set(ids)), "whoever has had an event leaves it out when it comes again"


async def test_what_a_lost_thing_was_on_the_way_is_not_said_again(desk: Desk, dsn: str) -> None:
    """Readers would act today upon what was true once: whoever asked for a bed would ask again."""
    bus, wrong, right = Bus(), record(reading("c-1", 1, 36.1)), record(reading("c-1", 1, 36.9), 9)
    async with lost(desk):
        await desk.take(wrong)
        await desk.take(right)
        await publish(desk, bus)
    desk.clock.instant = hour(10)
    desk.engine.epoch = await epochs(desk, dsn, bus).begin()
    await desk.take(wrong)
    await desk.take(right, record(reading("c-1", 2, 36.2)))
    await publish(desk, bus)
    assert temperatures(bus) == {"c-1": [36.2, 36.9]}, "what nobody has heard yet is said at once"
    await settle(desk, read_to=10)
    await desk.take(record(reading("c-1", 1, 37.1), 10))
    said = [one.data["temperature_c"] for one in await desk.said() if epoch_of(one.sequence or 0)]
    assert said == [36.2, 36.9, 37.1], "once it is settled, it is said what becomes of it"


async def test_what_was_taken_back_can_be_said_again(desk: Desk, dsn: str) -> None:
    bus = await settled(desk, dsn)
    await desk.take(record(reading("c-2", 4, 36.4)), record(reading("c-2", 5, 36.5)))
    await publish(desk, bus)
    assert temperatures(bus)["c-2"] == [36.4, 36.5]


async def test_an_answer_to_a_report_stays(desk: Desk, dsn: str) -> None:
    bus = Bus()
    async with lost(desk):
        await desk.take(record(reading("c-1", 1, IMPOSSIBLE_C)))
        await publish(desk, bus)
    desk.engine.epoch = await epochs(desk, dsn, bus).begin()
    await settle(desk, read_to=10)
    assert await desk.said() == []


async def test_nothing_is_settled_while_its_case_waits_to_be_judged(desk: Desk, dsn: str) -> None:
    bus = Bus()
    await desk.take(record(reading("c-1", 1)))
    async with lost(desk):
        await desk.take(record(reading("c-1", 2)))
        await publish(desk, bus)
    desk.clock.instant = hour(40)
    await epochs(desk, dsn, bus).begin()
    find = [list(range(PARTITIONS)), [hour(40)] * PARTITIONS, 10]
    assert await desk.connection.fetch(sql("find_lost"), *find) == [], "it is due: a day of silence has passed"
    await desk.connection.execute("UPDATE state SET due = NULL")
    assert len(await desk.connection.fetch(sql("find_lost"), *find)) == 1
    await desk.connection.execute("UPDATE state SET stuck = true")
    assert await desk.connection.fetch(sql("find_lost"), *find) == [], "it is stuck"
    await desk.connection.execute("UPDATE state SET stuck = false")
    await desk.connection.execute("INSERT INTO wakes (kind, key, partition) VALUES ($1, 'c-1', 0)", KIND)
    assert await desk.connection.fetch(sql("find_lost"), *find) == [], "something has asked for it"


async def test_who_still_lives_in_the_old_epoch_states_nothing(make_desk: MakeDesk) -> None:
    desk, other = await make_desk(), await make_desk()
    await desk.connection.execute(sql("begin_epoch"), 1, hour(0), 1)
    with pytest.raises(EpochOver):
        await desk.take(record(reading("c-1", 1)))
    assert (await desk.said(), await desk.connection.fetchval("SELECT max(version) FROM state")) == ([], None)
    other.engine.epoch = 1
    await other.take(record(reading("c-1", 1)))
    assert [envelope.sequence for envelope in await other.said()] == [sequence_of(1, 1, 0)]


async def test_a_connection_to_a_store_that_has_gone_back_is_not_used(desk: Desk, dsn: str) -> None:
    bus, known = Bus(), {(TOPIC, 0): 5}
    await desk.connection.execute("INSERT INTO read_offset VALUES ($1, 0, 5)", TOPIC)
    mine = epochs(desk, dsn, bus, known)
    await mine.begin()
    looks = bus.looks
    assert await mine.same(desk.connection) is desk.connection
    assert bus.looks == looks, "the very same server and database need no look at the bus"
    await replaced(desk.connection)
    assert await mine.same(desk.connection) is desk.connection
    async with lost(desk):
        await desk.take(record(reading("c-1", 1)))
        await publish(desk, bus)
    await replaced(desk.connection)
    with pytest.raises(StoreWentBack):
        await mine.same(desk.connection)
    bus.records.clear()
    await desk.connection.execute("UPDATE read_offset SET next_offset = 4")
    with pytest.raises(StoreWentBack):
        await mine.same(desk.connection)
    await desk.connection.execute("UPDATE read_offset SET next_offset = 5")
    await mine.same(desk.connection)
    await desk.connection.execute("UPDATE store_identity SET epoch = 1")
    with pytest.raises(StoreWentBack):
        await mine.same(desk.connection)


async def replaced(connection: Connection) -> None:
    """The file of the cases is another one, as after a restore."""
    await connection.execute("VACUUM FULL state")


async def test_begin_waits_for_a_store_that_does_not_answer_yet(desk: Desk, dsn: str) -> None:
    tries = iter([OSError(), asyncpg.CannotConnectNowError(), None])

    async def connect_in_the_end() -> Connection:
        if (error := next(tries)) is not None:
            raise error
        return await connect(dsn, 30)

    assert await Epochs(desk.engine, connect_in_the_end, "", Bus().heard).begin() == 0
