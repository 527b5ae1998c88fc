"""A record that nobody can judge is taken out by an operator: its case goes on without it, and who did so is kept."""

import asyncio

import pytest

from chassis.questions.operations import discard
from chassis.questions.problem import Problem
from chassis.store.connection import Connection
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import EngineFixture, raw, record
from tests.chassis.test_engine_parking import replay
from tests.chassis.toy import RAISING_C, Defect, reading


async def take_out(fixture: EngineFixture, id_: int, why: str = "sent by mistake") -> dict[str, object]:
    async with fixture.connection.transaction():
        return await discard(fixture.connection, id_, "who operates", why)


async def ids(fixture: EngineFixture) -> list[int]:
    return [row["id"] for row in await fixture.connection.fetch("SELECT id FROM parked ORDER BY id")]


async def replayed(fixture: EngineFixture) -> list[int]:
    rows = await fixture.connection.fetch("SELECT id FROM parked WHERE replay ORDER BY id")
    if rows:
        await replay(fixture, *(row["id"] for row in rows))
    return [row["id"] for row in rows]


async def test_a_case_goes_on_without_the_record_that_is_discarded(make_engine: MakeEngine) -> None:
    fixture = await make_engine(Defect().aggregate())
    await fixture.take(*(record(reading("c-1", number, RAISING_C - number), number) for number in range(4)))
    first, *waiting = await ids(fixture)
    assert await take_out(fixture, first) == {"key": "c-1", "replayed": 3, "still_parked": 0}

    assert await replayed(fixture) == waiting
    assert [envelope.data["temperature_c"] for envelope in await fixture.emitted()] == [44.0, 43.0, 42.0]
    assert await fixture.parked() == []
    assert not (await fixture.state("c-1"))["blocked"]
    await fixture.take(record(reading("c-1", 9), 9))
    assert len(await fixture.emitted()) == 4


async def test_a_case_behind_which_nothing_waits_is_free_at_once(make_engine: MakeEngine) -> None:
    fixture = await make_engine(Defect().aggregate())
    await fixture.take(record(reading("c-1", 0)), record(reading("c-1", 1, RAISING_C), 1))
    (blocked,) = await ids(fixture)
    assert await take_out(fixture, blocked) == {"key": "c-1", "replayed": 0, "still_parked": 0}
    assert not (await fixture.state("c-1"))["blocked"]


async def test_who_discarded_what_and_why_is_kept_without_the_bytes(make_engine: MakeEngine) -> None:
    fixture = await make_engine(Defect().aggregate())
    await fixture.take(record(reading("c-1", 0, RAISING_C)))
    parked = await fixture.connection.fetchrow("SELECT * FROM parked")
    await take_out(fixture, parked["id"], "entered for another patient")

    kept = dict(await fixture.connection.fetchrow("SELECT * FROM discarded"))
    assert (kept["why"], kept["discarded_by"]) == ("entered for another patient", "who operates")
    assert kept["discarded_at"] is not None
    of_record = ("digest", "reason", "kind", "key", "topic", "partition", "record_offset", "received_at", "parked_at")
    assert {name: kept[name] for name in of_record} == {name: parked[name] for name in of_record}
    assert not {"value", "headers", "record_key"} & set(kept)


async def test_a_case_still_waits_while_something_else_of_it_raised(make_engine: MakeEngine) -> None:
    defect = Defect()
    fixture = await make_engine(defect.aggregate())
    await fixture.take(
        record(reading("c-1", 0, RAISING_C)), record(reading("c-1", 1, RAISING_C)), record(reading("c-1", 2))
    )
    await replay(fixture)  # the second one is found to raise as well
    first, second, *_ = await ids(fixture)
    await fixture.take(record(reading("c-1", 3)))
    assert await take_out(fixture, first) == {"key": "c-1", "replayed": 0, "still_parked": 1}
    assert (await fixture.state("c-1"))["blocked"]
    assert await replayed(fixture) == []

    assert await take_out(fixture, second) == {"key": "c-1", "replayed": 1, "still_parked": 0}
    await replayed(fixture)
    assert await fixture.parked() == []
    assert not (await fixture.state("c-1"))["blocked"]


async def test_what_came_after_the_discarding_and_before_the_replay_goes_back_in_as_well(
    make_engine: MakeEngine,
) -> None:
    """Otherwise it would lie parked behind a case that nothing holds up any more, until somebody looks."""
    fixture = await make_engine(Defect().aggregate())
    await fixture.take(record(reading("c-1", 0, RAISING_C)), record(reading("c-1", 1), 1))
    await take_out(fixture, (await ids(fixture))[0])
    await fixture.take(record(reading("c-1", 2), 2))
    assert [reason for reason, _ in await fixture.parked()] == ["case_is_parked"] * 2
    while await replayed(fixture):
        pass
    assert await fixture.parked() == []
    assert not (await fixture.state("c-1"))["blocked"]
    assert len(await fixture.emitted()) == 2


async def test_what_is_parked_while_it_is_discarded_does_not_wait_behind_a_free_case(make_engine: MakeEngine) -> None:
    fixture = await make_engine(Defect().aggregate())
    await fixture.take(record(reading("c-1", 0, RAISING_C)))
    (first,) = await ids(fixture)
    operator = (await make_engine()).connection
    async with fixture.connection.transaction():
        await fixture.connection.fetch("SELECT FROM state WHERE key = 'c-1' FOR NO KEY UPDATE")  # as a batch holds it
        discarding = asyncio.create_task(_in_transaction(operator, first))
        while not await _is_waiting(fixture):
            await asyncio.sleep(0.01)
        await fixture.take(record(reading("c-1", 1), 1))
    assert await discarding == {"key": "c-1", "replayed": 1, "still_parked": 0}
    await replayed(fixture)
    assert await fixture.parked() == []
    assert not (await fixture.state("c-1"))["blocked"]


async def _in_transaction(connection: Connection, id_: int) -> dict[str, object]:
    async with connection.transaction():
        return await discard(connection, id_, "who operates", "late")


async def _is_waiting(fixture: EngineFixture) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    return bool(await fixture.connection.fetchval(waiting))


async def test_a_record_of_no_case_is_taken_out_alone(fixture: EngineFixture) -> None:
    await fixture.take(raw(b"not JSON"))
    (unreadable,) = await ids(fixture)
    assert await take_out(fixture, unreadable) == {"key": None, "replayed": 0, "still_parked": 0}
    assert await fixture.parked() == []


async def test_what_is_not_parked_or_on_its_way_back_in_is_not_discarded(make_engine: MakeEngine) -> None:
    fixture = await make_engine(Defect().aggregate())
    await fixture.take(record(reading("c-1", 0, RAISING_C)))
    (first,) = await ids(fixture)
    await fixture.connection.execute("UPDATE parked SET replay = true")
    with pytest.raises(Problem, match="on its way back in"):
        await take_out(fixture, first)
    with pytest.raises(Problem, match="nothing is parked under 999"):
        await take_out(fixture, 999)
    assert await fixture.connection.fetchval("SELECT count(*) FROM discarded") == 0
