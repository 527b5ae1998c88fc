"""Events are numbered within their shard, without gaps and in the order in which their transactions commit."""

import asyncio
from collections import defaultdict

import pytest

from chassis.ids import partition_of
from chassis.publish.archive import OutboxEvent, state
from chassis.store.connection import Connection, EpochOver, connect, sql
from chassis.store.migrate import ArchiveMonths
from schemas.topic import PARTITIONS
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import record
from tests.chassis.toy import hour, reading

GENEROUS_SECONDS = 60
_NUMBERS = "SELECT partition, id FROM archive ORDER BY partition, id"


def events(*shards: int) -> list[OutboxEvent]:
    """One for each of these shards, in this order."""
    return [
        OutboxEvent("t", f"c-{number}", shard, f"00000000-0000-4000-8000-{number:012}", b"{}")
        for number, shard in enumerate(shards)
    ]


async def numbers(connection: Connection) -> dict[int, list[int]]:
    """Shard → the numbers of its events that are committed."""
    found: dict[int, list[int]] = defaultdict(list)
    for row in await connection.fetch(_NUMBERS):
        found[row["partition"]].append(row["id"])
    return found


async def test_workers_that_state_events_of_the_same_shards_at_once_leave_no_gap_and_no_number_twice(
    make_engine: MakeEngine,
) -> None:
    """Whoever looks meanwhile sees all numbers below the highest: what is read up to there has all been read."""
    fixtures = [await make_engine() for _ in range(4)]
    looking = await make_engine()
    ended = asyncio.Event()

    async def look() -> None:
        while not ended.is_set():
            for shard, seen in (await numbers(looking.connection)).items():
                assert seen == list(range(1, len(seen) + 1)), shard

    async def work(number: int) -> None:
        for step in range(12):
            cases = (f"c-{number}-{case}" for case in range(step % 5 + 1))
            await fixtures[number].take(*(record(reading(case, step)) for case in cases))

    looks = asyncio.create_task(look())
    async with asyncio.timeout(GENEROUS_SECONDS):
        await asyncio.gather(*map(work, range(4)))
        ended.set()
        await looks
    found = await numbers(looking.connection)
    assert sum(map(len, found.values())) == 4 * sum(step % 5 + 1 for step in range(12))
    assert all(seen == list(range(1, len(seen) + 1)) for seen in found.values())
    last = dict(await looking.connection.fetch("SELECT shard, last FROM shard_stated"))
    assert last == {shard: len(found[shard]) for shard in range(PARTITIONS)}


async def test_a_number_belongs_to_the_event_that_has_it_in_the_archive(make_engine: MakeEngine) -> None:
    """What goes to memory is what the store would give."""
    fixture = await make_engine()
    fixture.engine.fresh.keep(set(range(PARTITIONS)))
    for step in range(3):
        await fixture.take(*(record(reading(f"c-{case}", step)) for case in range(9)))
    in_memory = [one for shard in range(PARTITIONS) for one in fixture.engine.fresh.take(shard, 0, 100)]
    shards = list(range(PARTITIONS))
    stored = await fixture.connection.fetch(sql("read_unsent"), shards, [0] * PARTITIONS, 100)
    assert [tuple(one) for one in in_memory] == [tuple(row) for row in stored]
    assert len(in_memory) == 27
    assert all(one.shard == partition_of(one.key, PARTITIONS) for one in in_memory)


async def test_what_is_rolled_back_takes_no_number(make_engine: MakeEngine) -> None:
    fixture = await make_engine()
    await fixture.take(record(reading("c-1", 0)))
    given_up = fixture.connection.transaction()
    await given_up.start()
    await fixture.take(record(reading("c-1", 1)))
    await given_up.rollback()
    fixture.engine.read_offsets.begin({})
    await fixture.take(record(reading("c-1", 2)))
    assert (await numbers(fixture.connection))[partition_of("c-1", PARTITIONS)] == [1, 2]


async def test_two_that_lock_the_same_shards_in_another_order_do_not_wait_for_each_other_in_a_circle(dsn: str) -> None:
    one, other = await connect(dsn, 30), await connect(dsn, 30)
    await ArchiveMonths().ensure(one, hour(0))

    async def work(connection: Connection, *shards: int) -> None:
        for _ in range(50):
            async with connection.transaction():
                await state(connection, hour(0), events(*shards), 0)

    async with asyncio.timeout(GENEROUS_SECONDS):
        await asyncio.gather(work(one, 0, 3, 5), work(other, 5, 3, 0))
    assert await numbers(one) == {shard: list(range(1, 101)) for shard in (0, 3, 5)}
    one.terminate()
    other.terminate()


async def test_who_waits_for_a_shard_while_an_epoch_begins_states_nothing_in_the_one_that_is_over(dsn: str) -> None:
    beginning, stating = await connect(dsn, 30), await connect(dsn, 30)
    await ArchiveMonths().ensure(stating, hour(0))
    before = beginning.transaction()
    await before.start()
    await beginning.execute(sql("begin_epoch"), 1, hour(0), 1_000)
    async with stating.transaction():
        waiting = asyncio.create_task(state(stating, hour(0), events(2), 0))
        await until_it_waits(beginning, stating)
        await before.commit()
        with pytest.raises(EpochOver):
            await waiting
    async with stating.transaction():
        (stated,) = await state(stating, hour(0), events(2), 1)
    assert stated.id == 1_001, "no number of the lost time is given again"
    assert await numbers(beginning) == {2: [1_001]}
    beginning.terminate()
    stating.terminate()


async def until_it_waits(looking: Connection, other: Connection) -> None:
    """Returns when the other connection waits for a lock."""
    asked = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $1"
    async with asyncio.timeout(GENEROUS_SECONDS):
        while not await looking.fetchval(asked, other.get_server_pid()):
            await asyncio.sleep(0.01)
