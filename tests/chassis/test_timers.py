"""Rows that are due, rows that others have woken, and what an operator wants judged again: none early, none lost."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg
import pytest
from aiokafka import TopicPartition

from chassis.clock import monotonic
from chassis.consume.reader import Record, Wake
from chassis.consume.watermarks import NEVER, Watermarks
from chassis.ids import partition_of
from chassis.store.connection import Connection, connect
from chassis.timers import LOOK_ANYWAY_SECONDS, REPLAYS_AT_ONCE, Timers
from schemas.topic import PARTITIONS
from tests.chassis.conftest import MakeEngine
from tests.chassis.consumer import FakeConsumer, Holder
from tests.chassis.engine_fixture import EngineFixture, Now, raw, record
from tests.chassis.test_watermarks import MARGIN
from tests.chassis.toy import COUNTED_PATIENT, WARD, hour, reading

ALL = range(PARTITIONS)
Handed = tuple[Sequence[Record], Sequence[Wake], Mapping[int, datetime], int]


@dataclass
class Lookout:
    """Timers over a fixture's database, and what they dispatched; a test says how far each partition has been read."""

    fixture: EngineFixture
    dsn: str
    watermark: Mapping[int, datetime] = field(default_factory=dict)
    generation: int = 7
    handed: list[Handed] = field(default_factory=list)
    failures: int = 0
    looks: int = 0
    woken: int = 0
    idle: bool = True

    def __post_init__(self) -> None:
        self.timers = Timers(self.connect, self.fixture.engine, self, self, poll_ms=1)

    def between_fetches(self) -> tuple[Mapping[int, datetime], int]:
        self.looks += 1
        return self.watermark, self.generation

    async def connect(self) -> Connection:
        if self.failures:
            self.failures -= 1
            raise asyncpg.CannotConnectNowError("starting up")
        return await connect(self.dsn, 30)

    async def dispatch(
        self, records: Sequence[Record], wakes: Sequence[Wake], watermark: Mapping[int, datetime], generation: int
    ) -> None:
        self.handed.append((records, wakes, watermark, generation))
        await self.fixture.take(*records, wakes=wakes, watermark=min(watermark.values()))

    async def look(self, watermark: datetime | None, partitions: Sequence[int] = ALL) -> list[Handed]:
        """What one look hands on, when these partitions have been read to an instant."""
        self.watermark = dict.fromkeys(partitions, watermark or NEVER)
        self.handed = []
        await self.timers.look()
        return self.handed


@pytest.fixture
async def lookout(make_engine: MakeEngine, dsn: str) -> Lookout:
    """A lookout over patients and their ward; one patient's day of silence ends at hour 24."""
    fixture = await make_engine(COUNTED_PATIENT, WARD)
    await fixture.take(record(reading("c-1", 0)))
    await fixture.connection.execute("DELETE FROM wakes")
    return Lookout(fixture, dsn)


async def test_of_more_than_are_looked_up_at_once_the_earliest_come_first_wherever_they_lie(
    lookout: Lookout, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lookout.fixture.take(*(record(reading(f"c-{number}", 1 + number % 9)) for number in range(2, 30)))
    await lookout.fixture.connection.execute("DELETE FROM wakes")
    by_due = await lookout.fixture.due(hour(48))
    assert len({wake.partition for wake in by_due}) == PARTITIONS
    monkeypatch.setattr("chassis.timers.AT_ONCE", 5)

    ((_, wakes, _, _),) = await lookout.look(hour(48))

    assert [wake.due for wake in wakes] == sorted(wake.due for wake in by_due if wake.due)[:5]


async def test_a_row_waits_until_its_partition_has_been_read_to_its_instant(lookout: Lookout) -> None:
    assert await lookout.look(hour(23.99)) == []
    ((records, (wake,), _, generation),) = await lookout.look(hour(24))
    assert (wake.aggregate.name, wake.key, wake.due) == ("patient", "c-1", hour(24))
    assert (list(records), generation) == ([], 7)
    assert await lookout.fixture.names() == ["VitalSignsRecorded c-1", "QuarantineDayMissed c-1"]


async def test_a_row_of_a_partition_that_another_process_reads_is_not_ours_to_wake(lookout: Lookout) -> None:
    others = [partition for partition in ALL if partition != partition_of("c-1", PARTITIONS)]
    assert await lookout.look(hour(48), others) == []


async def test_nothing_is_looked_up_before_anything_was_read(lookout: Lookout) -> None:
    lookout.failures = 1
    assert await lookout.look(None) == []
    assert lookout.failures == 1, "it did not even connect"


async def test_a_tick_waits_for_logs_that_lie_unread_on_the_bus_over_an_outage(lookout: Lookout) -> None:
    """The service comes back two days later: at midnight the answer was on the bus already."""
    number = partition_of("c-1", PARTITIONS)
    reports = TopicPartition("reports", number)
    consumer = FakeConsumer(now=hour(48))
    progress = Watermarks(Now(hour(48)), MARGIN, Holder(consumer))
    progress.assigned({reports: 10})
    lookout.timers._reading = progress
    consumer.fetched(reports, end=11, seconds_ago=0, position=10)
    await lookout.timers.look()
    assert lookout.handed == []
    progress.dispatched([consumer.record(reports, 10, 28 * 3600)])
    await lookout.fixture.take(record(reading("c-1", 20)), watermark=hour(20))
    consumer.fetched(reports, end=11, seconds_ago=0.1)
    await lookout.timers.look()
    assert "QuarantineDayMissed c-1" in await lookout.fixture.names(), "the day after the second reading"
    missed = [envelope.time for envelope in await lookout.fixture.emitted() if "Missed" in envelope.type]
    assert missed == [hour(44)]


async def test_a_row_woken_often_is_handed_on_once(lookout: Lookout) -> None:
    for number in range(3):
        await lookout.fixture.take(record(reading("c-2", number, 38.0)))
    ((_, (wake,), _, _),) = await lookout.look(hour(3))
    assert (wake.aggregate.name, wake.key, wake.due) == ("ward", "ward", None)
    assert await lookout.look(hour(3)) == []


async def test_what_an_operator_wants_judged_again_comes_in_the_order_in_which_it_was_parked(lookout: Lookout) -> None:
    await lookout.fixture.take(*(raw(f"{number}".encode(), b"c-1") for number in range(REPLAYS_AT_ONCE + 5)))
    await lookout.fixture.connection.execute("UPDATE parked SET replay = true")
    ((first, _, _, _),) = await lookout.look(hour(1))
    assert [each.value for each in first] == [f"{number}".encode() for number in range(REPLAYS_AT_ONCE)]
    assert all(each.parked_id is not None for each in first)
    ((rest, _, _, _),) = await lookout.look(hour(1))
    assert len(rest) == 5
    assert await lookout.look(hour(1)) == [], "what still cannot be judged is not tried for ever"
    assert len(await lookout.fixture.parked()) == REPLAYS_AT_ONCE + 5


async def test_a_record_goes_back_in_as_it_was(lookout: Lookout) -> None:
    odd = raw(b"\xff", b"c-1", headers=[("a", None), ("b", b"\xff\x00"), ("a", b"again")])
    await lookout.fixture.take(odd)
    await lookout.fixture.connection.execute("UPDATE parked SET replay = true")
    (((again,), _, _, _),) = await lookout.look(hour(1))
    assert (again.topic, again.partition, again.offset, again.key) == (odd.topic, odd.partition, odd.offset, odd.key)
    assert (again.value, list(again.headers), again.received_at) == (odd.value, list(odd.headers), odd.received_at)


async def test_a_database_that_is_away_is_asked_again(lookout: Lookout) -> None:
    lookout.failures = 1
    lookout.watermark = dict.fromkeys(ALL, hour(24))
    looking = asyncio.create_task(lookout.timers.run())
    async with asyncio.timeout(60):
        while not lookout.handed:
            await asyncio.sleep(0.01)
    looking.cancel()
    assert lookout.failures == 0


async def written_by_another_process(lookout: Lookout, at: datetime) -> None:
    await lookout.fixture.connection.execute("UPDATE state SET due = $1 WHERE key = 'c-1'", at)


async def test_what_another_process_writes_is_looked_for_now_and_then(
    lookout: Lookout, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await lookout.look(hour(1)) == []
    await written_by_another_process(lookout, hour(1))
    assert await lookout.look(hour(1)) == []
    monkeypatch.setattr("chassis.timers.monotonic", lambda: monotonic() + LOOK_ANYWAY_SECONDS)
    assert await lookout.look(hour(1)) != []


async def test_a_row_that_was_saved_since_the_last_look_is_woken_at_its_instant(lookout: Lookout) -> None:
    assert await lookout.look(hour(2)) == []
    await lookout.fixture.take(record(reading("c-3", 1)), watermark=hour(1))
    await lookout.fixture.connection.execute("DELETE FROM wakes")
    assert await lookout.look(hour(2)) == []
    assert await lookout.look(hour(24)) != [], "c-1, as the first look saw it"
    ((_, wakes, _, _),) = await lookout.look(hour(25))
    assert [wake.key for wake in wakes if wake.due] == ["c-3"]


async def test_partitions_that_are_given_to_it_are_looked_at(lookout: Lookout) -> None:
    own = partition_of("c-1", PARTITIONS)
    others = [partition for partition in ALL if partition != own]
    assert await lookout.look(hour(24), others) == []
    ((_, (wake,), _, _),) = await lookout.look(hour(24), [own])
    assert wake.key == "c-1"


async def test_a_new_assignment_is_looked_at_however_little_was_judged(lookout: Lookout) -> None:
    assert await lookout.look(hour(1)) == []
    await written_by_another_process(lookout, hour(1))
    lookout.generation += 1
    assert await lookout.look(hour(1)) != []


async def test_more_than_one_look_takes_are_looked_for_while_the_last_are_judged(
    lookout: Lookout, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lookout.fixture.take(*(record(reading(f"c-{number}", 1)) for number in range(2, 12)))
    await lookout.fixture.connection.execute("DELETE FROM wakes")
    monkeypatch.setattr("chassis.timers.AT_ONCE", 4)
    ((_, wakes, _, _),) = await lookout.look(hour(48))
    assert len(wakes) == 4
    lookout.fixture.engine.ahead.take()  # the ward, which they woke
    lookout.woken = 3
    assert await lookout.look(hour(48)) == [], "more than half of them still wait"
    lookout.woken = 2
    ((_, wakes, _, _),) = await lookout.look(hour(48))
    assert len([wake for wake in wakes if wake.due]) == 4


async def test_a_look_that_failed_is_made_again(lookout: Lookout) -> None:
    lookout.failures = 1
    with pytest.raises(asyncpg.CannotConnectNowError):
        await lookout.look(hour(24))
    assert await lookout.look(hour(24)) != []


async def test_while_nothing_can_be_due_nobody_asks_how_far_has_been_read(lookout: Lookout) -> None:
    assert await lookout.look(hour(1)) == []
    lookout.fixture.engine.timeline = Now(hour(23))
    lookout.looks = 0
    await lookout.timers._look_and_wait()
    assert lookout.looks == 0
    lookout.fixture.engine.timeline = Now(hour(24))
    await lookout.timers._look_and_wait()
    assert lookout.looks == 1
