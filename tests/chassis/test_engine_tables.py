"""What spans cases is written with them, wakes are never lost, and a batch costs the same whatever its size."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import asyncpg
import pytest

from chassis.store.connection import Connection
from chassis.store.engine import Batch
from chassis.store.saving import StaleRow, save
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import EngineFixture, record
from tests.chassis.fake_producer import GENEROUS_SECONDS
from tests.chassis.toy import COUNTED_PATIENT, IMPOSSIBLE_C, WARD, count_fevers, hour, reading


@pytest.fixture
async def counting(make_engine: MakeEngine) -> EngineFixture:
    """A fixture whose patients have a small table, and wake their ward."""
    return await make_engine(COUNTED_PATIENT, WARD)


async def fevers(fixture: EngineFixture) -> dict[str, float]:
    """The rows of the small table."""
    rows = await fixture.connection.fetch("SELECT key, temperature_c FROM toy_fever")
    return {row["key"]: row["temperature_c"] for row in rows}


async def test_a_row_of_a_table_follows_its_case(counting: EngineFixture) -> None:
    await counting.take(record(reading("c-1", 0, 36.6)), record(reading("c-2", 0, 38.0)))
    assert await fevers(counting) == {"c-2": 38.0}
    await counting.take(record(reading("c-1", 1, 39.5)), record(reading("c-2", 1, 38.5)))
    assert await fevers(counting) == {"c-1": 39.5, "c-2": 38.5}
    await counting.take(record(reading("c-1", 2, 36.9)), record(reading("c-2", 2, 38.5)))
    assert await fevers(counting) == {"c-2": 38.5}


async def test_a_row_that_came_and_went_within_one_batch_is_not_written(counting: EngineFixture) -> None:
    await counting.take(record(reading("c-1", 0, 39.0)), record(reading("c-1", 1, 36.6)))
    assert await fevers(counting) == {}


async def test_a_refused_report_leaves_the_table_as_it_was(counting: EngineFixture) -> None:
    await counting.take(record(reading("c-1", 0, 39.0)))
    await counting.take(record(reading("c-1", 1, IMPOSSIBLE_C)))
    assert await fevers(counting) == {"c-1": 39.0}


async def test_a_woken_row_is_judged_against_the_world_as_it_is_then(counting: EngineFixture) -> None:
    await counting.take(record(reading("c-1", 0, 39.0)), record(reading("c-2", 0, 39.0)))
    await counting.until(hour(1))
    assert (await counting.names())[-1] == "VitalSignsRecorded ward"
    assert (await counting.emitted())[-1].data["temperature_c"] == pytest.approx(36.2)
    assert await counting.connection.fetchval("SELECT count(*) FROM wakes") == 0


async def test_a_wake_that_crosses_with_a_judgement_is_not_lost(make_engine: MakeEngine) -> None:
    """The ward is being judged, and has counted, when another patient's fever is committed."""
    patients, more = await make_engine(COUNTED_PATIENT, WARD), [record(reading("c-2", 0, 39.0))]

    async def count_while_one_more_comes(connection: Connection, keys: Sequence[str]) -> Mapping[str, int]:
        counted = await count_fevers(connection, keys)
        if more:
            await patients.take(more.pop())
        return counted

    wards = await make_engine(COUNTED_PATIENT, replace(WARD, context=count_while_one_more_comes))
    await patients.take(record(reading("c-1", 0, 39.0)))
    await wards.take(wakes=await wards.due(hour(1)), watermark=hour(1))
    assert (await wards.emitted())[-1].data["temperature_c"] == pytest.approx(36.1)
    await wards.until(hour(2))
    assert (await wards.emitted())[-1].data["temperature_c"] == pytest.approx(36.2)


async def test_two_transactions_that_consume_and_wake_each_others_rows_do_not_block_each_other(
    make_engine: MakeEngine,
) -> None:
    """With one row a wake they would wait for each other until PostgreSQL gave up one of them."""
    first = replace(WARD, name="first", wakes=lambda before, after: [("second", "b")], context=None, conclude=conclude)
    second = replace(WARD, name="second", wakes=lambda before, after: [("first", "a")], context=None, conclude=conclude)
    one, two = await make_engine(first, second), await make_engine(first, second)
    await one.connection.execute(
        "INSERT INTO wakes (kind, key, partition) VALUES ('first', 'a', 0), ('second', 'b', 0)"
    )
    wakes = {wake.aggregate.name: wake for wake in await one.due(hour(1))}
    await two.engine.process(two.connection, Batch())  # the month's partition of the archive is there
    async with one.connection.transaction():
        await one.take(wakes=[wakes["first"]], watermark=hour(1))
        async with asyncio.timeout(10):
            await two.take(wakes=[wakes["second"]], watermark=hour(1))
    assert {wake.aggregate.name for wake in await one.due(hour(1))} == {"first", "second"}


def conclude(_facts: object, before: object, _clock: object, _context: object) -> object:
    """Nothing new."""
    return before


async def statements(fixture: EngineFixture, batch: int, first: int) -> Counter[str]:
    """The statements, by how often each was sent, that a batch of so many cases costs."""
    sent: Counter[str] = Counter()
    records = [record(reading(f"c-{first + number}", 0, 36.0 + number % 10 / 2)) for number in range(batch)]
    with fixture.connection.query_logger(lambda query: sent.update([query.query])):
        await fixture.take(*records)
        await asyncio.sleep(0)  # asyncpg tells of a statement in the loop's next round
    return sent


async def test_a_batch_of_a_thousand_takes_as_many_statements_as_a_batch_of_ten(
    counting: EngineFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.store.engine.JUDGING_SECONDS", GENEROUS_SECONDS)
    await statements(counting, 10, 1)  # the first time asyncpg asks for types, and the month is prepared
    few, many = await statements(counting, 10, 11), await statements(counting, 1_000, 100)
    assert few == many
    assert max(many.values()) == 1
    assert len(many) < 12
    assert await counting.connection.fetchval("SELECT count(*) FROM state") == 1_020


async def test_a_row_that_changed_under_its_lock_gives_the_transaction_up(
    make_engine: MakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chassis.store import engine  # noqa: PLC0415 - patched below

    fixture = await make_engine()

    async def save_late(connection: Connection, *rest: object) -> None:
        await connection.execute("UPDATE state SET version = 7")
        await save(connection, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "save", save_late)
    with pytest.raises(StaleRow):
        await fixture.take(record(reading("c-1", 0)))
    assert await fixture.emitted() == []


async def test_a_connection_that_fails_parks_nothing(fixture: EngineFixture) -> None:
    await fixture.connection.close()
    with pytest.raises(asyncpg.InterfaceError):
        await fixture.take(record(reading("c-1", 0)))


async def test_ticks_of_a_late_clock_find_what_punctual_ones_would_have(make_engine: MakeEngine) -> None:
    async def given(instants: list[datetime], fixture: EngineFixture, case: str) -> list[tuple[str, object]]:
        await fixture.take(record(reading(case, 0)), record(reading(case, 10)))
        for instant in instants:
            await fixture.until(instant)
        await fixture.take(record(reading(case, 50), 60), watermark=hour(60))
        return [(envelope.type, envelope.time) for envelope in await fixture.emitted() if envelope.subject == case]

    fixture = await make_engine()
    late = await given([], fixture, "c-1")
    punctual = await given([hour(number) for number in range(61)], fixture, "c-2")
    assert late == punctual
    assert len(late) == 4
