"""However much follows from a batch: a transaction ends in time, and what it did not get to is for the next one."""

import time
from dataclasses import replace

import pytest

from chassis.consume.reader import Wake
from chassis.decide.judge import Clock
from chassis.store import engine
from chassis.store.connection import connect
from chassis.store.engine import Batch
from schemas.events.followup import QuarantineDayMissed
from schemas.events.treatment import VitalSignsRecorded
from schemas.topic import PARTITIONS
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import EngineFixture, judge_all, raw, record
from tests.chassis.toy import CHART, COUNTED_PATIENT, WARD, Conclusions, Facts, conclude_nothing, hour, reading

TRANSACTION_MS = 1_000
SLOW_SECONDS = 0.05
CASES = 40


def slowly(facts: Facts, before: Conclusions, clock: Clock, context: object) -> Conclusions:
    """A rule that takes its time, and holds up all else."""
    time.sleep(SLOW_SECONDS)
    return conclude_nothing(facts, before, clock, context)


async def test_a_batch_that_takes_longer_than_a_transaction_may_comes_to_its_end(
    make_engine: MakeEngine, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be given up and judged again for ever; after an outage much is due at once."""
    assert CASES * SLOW_SECONDS * 1_000 > TRANSACTION_MS
    monkeypatch.setattr(engine, "JUDGING_SECONDS", TRANSACTION_MS / 5_000)
    fixture = await make_engine(replace(CHART, conclude=slowly))
    connection = await connect(dsn, 30, transaction_timeout=str(TRANSACTION_MS))
    try:
        await judge_all(fixture.engine, connection, Batch([record(reading(f"c-{place}", 0)) for place in range(CASES)]))
    finally:
        connection.terminate()
    assert sorted(await fixture.names()) == sorted(f"VitalSignsRecorded c-{place}" for place in range(CASES))


@pytest.fixture
async def hurried(make_engine: MakeEngine, monkeypatch: pytest.MonkeyPatch) -> EngineFixture:
    """Patients and their ward, whose transactions have the time for one thing."""
    monkeypatch.setattr(engine, "JUDGING_SECONDS", -1.0)
    return await make_engine(COUNTED_PATIENT, WARD)


async def test_what_was_not_judged_is_left_in_its_order_and_nothing_else_has_happened_to_it(
    hurried: EngineFixture,
) -> None:
    one, two = record(reading("c-1", 0)), record(reading("c-2", 0))
    due = Wake(COUNTED_PATIENT, "c-3", 0, hour(24))
    left = await hurried.engine.process(hurried.connection, Batch([raw(b"?"), one, two], [due], {0: hour(25)}))
    assert (left.records, left.wakes, left.watermark) == ([two], [due], {0: hour(25)})
    assert await hurried.names() == ["VitalSignsRecorded c-1"]
    assert len(await hurried.parked()) == 1, "what nobody can read is kept aside at once"
    assert hurried.engine.metrics.work == 3, "two records, and an event"


async def test_who_was_woken_and_not_judged_is_still_woken(hurried: EngineFixture) -> None:
    """Or a crash between two transactions would let the wake be forgotten."""
    await hurried.take(*(record(reading(f"c-{place}", 0, 39.0)) for place in range(3)))
    await hurried.connection.execute(
        "INSERT INTO wakes (kind, key, partition) SELECT kind, key, partition FROM state WHERE key IN ('c-0', 'c-1')"
    )
    woken = sorted((wake for wake in await hurried.due(hour(0)) if wake.due is None), key=lambda wake: wake.key)
    assert [wake.key for wake in woken] == ["c-0", "c-1", "ward"]
    left = await hurried.engine.process(hurried.connection, Batch((), woken, dict.fromkeys(range(PARTITIONS), hour(0))))
    still = {wake.key for wake in await hurried.due(hour(0))}
    assert {wake.key for wake in left.wakes} == still == {"c-1", "ward"}


async def test_however_often_it_is_interrupted_a_batch_says_what_it_would_have_said_at_once(
    hurried: EngineFixture, make_engine: MakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [record(reading(f"c-{place % 3}", place)) for place in range(9)]
    await hurried.take(*given)
    await hurried.until(hour(48))
    emitted = [(event.subject, event.type, event.time) for event in await hurried.emitted() if event.subject != "ward"]
    assert {event for _, event, _ in emitted} == {VitalSignsRecorded.type_name(), QuarantineDayMissed.type_name()}
    await hurried.connection.execute("TRUNCATE state, archive, parked, wakes, toy_fever")
    monkeypatch.undo()
    at_leisure = await make_engine(COUNTED_PATIENT, WARD)
    await at_leisure.take(*given)
    await at_leisure.until(hour(48))
    assert sorted(emitted) == sorted(
        (event.subject, event.type, event.time) for event in await at_leisure.emitted() if event.subject != "ward"
    )
