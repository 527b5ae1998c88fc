"""What was lost is settled: readers end where the store is, and hear nothing on the way there."""

from chassis.sequence import epoch_of
from chassis.store import sql
from schemas.envelope import HEADERS, read
from schemas.topics import PARTITIONS
from tests.chassis.desk import Desk, record
from tests.chassis.going_back import epochs, lost, publish, settle, temperatures
from tests.chassis.own_words import Bus
from tests.chassis.toy import IMPOSSIBLE_C, PATIENT, hour, reading

KIND = PATIENT.name


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
