"""What was lost is settled: readers end where the store is, and hear nothing on the way there."""

from chassis.publish.sequence import epoch_of
from chassis.store.connection import sql
from schemas.envelope import HEADERS, read
from schemas.topic import PARTITIONS
from tests.chassis.engine_fixture import EngineFixture, record
from tests.chassis.going_back import epochs, lost, publish, settle, temperatures
from tests.chassis.own_words import Bus
from tests.chassis.toy import IMPOSSIBLE_C, PATIENT, hour, reading

KIND = PATIENT.name


async def settled(fixture: EngineFixture, dsn: str) -> Bus:
    """A store that has gone back and has settled all that was lost but one reading, which has come again.

    Lost: a correction, a reading, the one that came again, and all of another case.
    """
    bus, again = Bus(), record(reading("c-1", 3, 36.3))
    await fixture.take(record(reading("c-1", 1, 36.1)))
    await publish(fixture, bus)
    async with lost(fixture):
        corrected, forgotten = record(reading("c-1", 1, 36.9), 9), record(reading("c-1", 2, 36.2))
        await fixture.take(corrected, forgotten, again, record(reading("c-2", 4, 36.4)))
        await publish(fixture, bus)
    assert temperatures(bus) == {"c-1": [36.2, 36.3, 36.9], "c-2": [36.4]}
    fixture.clock.instant = hour(10)
    fixture.engine.epoch = await epochs(fixture, dsn, bus).begin()
    await fixture.take(again)
    await settle(fixture, watermark=9)
    assert await fixture.connection.fetchval("SELECT count(*) FROM lost_word") == 4, "not all has been read by then"
    await settle(fixture, watermark=10)
    await publish(fixture, bus)
    return bus


async def test_readers_end_where_the_store_is(fixture: EngineFixture, dsn: str) -> None:
    bus = await settled(fixture, dsn)
    assert temperatures(bus) == {"c-1": [36.1, 36.3]}
    assert await fixture.connection.fetchval("SELECT count(*) FROM lost_word") == 0


async def test_each_lost_thing_is_said_once_in_the_new_epoch_under_an_id_of_its_own(
    fixture: EngineFixture, dsn: str
) -> None:
    bus = await settled(fixture, dsn)
    emitted = [envelope for envelope in await fixture.emitted() if epoch_of(envelope.sequence or 0)]
    given = [(one.subject, one.data["temperature_c"], one.data.get("withdrawn")) for one in emitted]
    assert sorted(given, key=str) == [
        ("c-1", 36.1, None), ("c-1", 36.2, True), ("c-1", 36.3, None), ("c-2", 36.4, True)
    ]  # fmt: skip
    ids = [read(value, HEADERS).id for _, _, value in bus.records]
    assert len(ids) == len(set(ids)), "whoever has had an event leaves it out when it comes again"


async def test_what_a_lost_thing_was_on_the_way_is_not_said_again(fixture: EngineFixture, dsn: str) -> None:
    """Readers would act today upon what was true once: whoever asked for a bed would ask again."""
    bus, wrong, right = Bus(), record(reading("c-1", 1, 36.1)), record(reading("c-1", 1, 36.9), 9)
    async with lost(fixture):
        await fixture.take(wrong)
        await fixture.take(right)
        await publish(fixture, bus)
    fixture.clock.instant = hour(10)
    fixture.engine.epoch = await epochs(fixture, dsn, bus).begin()
    await fixture.take(wrong)
    await fixture.take(right, record(reading("c-1", 2, 36.2)))
    await publish(fixture, bus)
    assert temperatures(bus) == {"c-1": [36.2, 36.9]}, "what nobody has heard yet is said at once"
    await settle(fixture, watermark=10)
    await fixture.take(record(reading("c-1", 1, 37.1), 10))
    emitted = [one.data["temperature_c"] for one in await fixture.emitted() if epoch_of(one.sequence or 0)]
    assert emitted == [36.2, 36.9, 37.1], "once it is settled, it is said what becomes of it"


async def test_what_was_taken_back_can_be_said_again(fixture: EngineFixture, dsn: str) -> None:
    bus = await settled(fixture, dsn)
    await fixture.take(record(reading("c-2", 4, 36.4)), record(reading("c-2", 5, 36.5)))
    await publish(fixture, bus)
    assert temperatures(bus)["c-2"] == [36.4, 36.5]


async def test_an_answer_to_a_report_stays(fixture: EngineFixture, dsn: str) -> None:
    bus = Bus()
    async with lost(fixture):
        await fixture.take(record(reading("c-1", 1, IMPOSSIBLE_C)))
        await publish(fixture, bus)
    fixture.engine.epoch = await epochs(fixture, dsn, bus).begin()
    await settle(fixture, watermark=10)
    assert await fixture.emitted() == []


async def test_nothing_is_settled_while_its_case_waits_to_be_judged(fixture: EngineFixture, dsn: str) -> None:
    bus = Bus()
    await fixture.take(record(reading("c-1", 1)))
    async with lost(fixture):
        await fixture.take(record(reading("c-1", 2)))
        await publish(fixture, bus)
    fixture.clock.instant = hour(40)
    await epochs(fixture, dsn, bus).begin()
    find = [list(range(PARTITIONS)), [hour(40)] * PARTITIONS, 10]
    assert await fixture.connection.fetch(sql("find_lost"), *find) == [], "it is due: a day of silence has passed"
    await fixture.connection.execute("UPDATE state SET due = NULL")
    assert len(await fixture.connection.fetch(sql("find_lost"), *find)) == 1
    await fixture.connection.execute("UPDATE state SET blocked = true")
    assert await fixture.connection.fetch(sql("find_lost"), *find) == [], "it is blocked"
    await fixture.connection.execute("UPDATE state SET blocked = false")
    await fixture.connection.execute("INSERT INTO wakes (kind, key, partition) VALUES ($1, 'c-1', 0)", KIND)
    assert await fixture.connection.fetch(sql("find_lost"), *find) == [], "something has asked for it"
