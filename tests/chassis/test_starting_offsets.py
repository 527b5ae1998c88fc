"""Where a service begins to read: the word of its own database, on the bus that was read, holds over Kafka's."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import count

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from afterward.stack.bus import Bus
from afterward.stack.topics import TopicSpec, ensure_topics
from chassis.consume.landmarks import stamps_at
from chassis.consume.read_offsets import ReadOffsets
from chassis.consume.reader import Record
from chassis.consume.starting_offsets import StoreWord
from chassis.store.connection import Connection, StoreWentBack, connect
from chassis.store.engine import Batch
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import EngineFixture, record
from tests.chassis.toy import hour, reading

REPORTS, EVENTS = TopicPartition("reports", 3), TopicPartition("events", 3)
BEGINNINGS = {REPORTS: 0, EVENTS: 2}
_numbers = count(1)


class Bus0:
    """A bus that holds records at certain places, each with its timestamp."""

    def __init__(self) -> None:
        self.records: dict[tuple[TopicPartition, int], int] = {}
        self.asked: list[Mapping[TopicPartition, int]] = []

    async def stamps_at(self, places: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, int]:
        self.asked.append(places)
        return {at: self.records[at, offset] for at, offset in places.items() if (at, offset) in self.records}


@pytest.fixture
def held() -> Bus0:
    return Bus0()


@pytest.fixture
async def connection(dsn: str) -> AsyncIterator[Connection]:
    made = await connect(dsn, 30)
    yield made
    await made.close()


@pytest.fixture
def word(dsn: str, held: Bus0) -> StoreWord:
    async def connected() -> Connection:
        return await connect(dsn, 30)

    return StoreWord(connected, held.stamps_at, ReadOffsets())


async def has_read(connection: Connection, at: TopicPartition, next_offset: int, stamp: int | None) -> None:
    await connection.execute(
        "INSERT INTO read_offset (topic, partition, next_offset, stamp) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (topic, partition) DO UPDATE SET next_offset = $3, stamp = $4",
        *at, next_offset, stamp,
    )  # fmt: skip


async def rows(connection: Connection) -> dict[TopicPartition, tuple[int, int | None]]:
    found = await connection.fetch("SELECT topic, partition, next_offset, stamp FROM read_offset")
    return {TopicPartition(topic, partition): (offset, stamp) for topic, partition, offset, stamp in found}


async def test_a_store_that_has_read_nothing_reads_everything(word: StoreWord, connection: Connection) -> None:
    for _ in range(2):
        assert await word.read_up_to([REPORTS, EVENTS], BEGINNINGS) == {}
    assert await rows(connection) == {REPORTS: (0, None), EVENTS: (0, None)}


async def test_on_the_bus_that_was_read_the_store_goes_on_where_it_stopped(
    word: StoreWord, held: Bus0, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    await has_read(connection, REPORTS, 10, 1_009)
    held.records[REPORTS, 9] = 1_009
    assert await word.read_up_to([REPORTS, EVENTS], BEGINNINGS) == {REPORTS: 10}
    assert (held.asked, caplog.text) == ([{REPORTS: 9}], "")


@pytest.mark.parametrize("there", [{}, {(REPORTS, 9): 7_777}], ids=["shorter", "another record"])
async def test_on_another_bus_everything_is_read_and_that_is_said_in_a_line(
    there: dict[tuple[TopicPartition, int], int],
    word: StoreWord,
    held: Bus0,
    connection: Connection,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await has_read(connection, REPORTS, 10, 1_009)
    await has_read(connection, EVENTS, 5, 1_004)
    held.records = {**there, (EVENTS, 4): 1_004}
    with caplog.at_level(logging.WARNING):
        assert await word.read_up_to([REPORTS, EVENTS], BEGINNINGS) == {EVENTS: 5}
    [line] = caplog.messages
    assert line.startswith("1 of 2 partitions do not hold the record that was read last, reports[3]@9 for one")
    assert (await rows(connection))[REPORTS] == (0, None)


async def test_a_place_of_which_no_stamp_was_noted_is_on_no_bus(
    word: StoreWord, held: Bus0, connection: Connection
) -> None:
    """Taken at its word, it would pass over what lies before it on a bus that was lost and refilled."""
    await has_read(connection, REPORTS, 10, None)
    held.records[REPORTS, 9] = 5
    assert await word.read_up_to([REPORTS], BEGINNINGS) == {}
    assert (await rows(connection))[REPORTS] == (0, None)


async def test_what_retention_has_deleted_is_not_asked_for(word: StoreWord, held: Bus0, connection: Connection) -> None:
    await has_read(connection, EVENTS, 2, 1_001)
    assert await word.read_up_to([EVENTS], BEGINNINGS) == {EVENTS: 2}
    assert held.asked in ([], [{}])


def taken(fixture: EngineFixture, *offsets: int) -> list[Record]:
    """Reports on one case, come in the order given, at these offsets of its partition; and handed on."""
    made = [record(reading("c-1", at), 30 - at) for at, _ in enumerate(offsets)]
    ours = [
        Record(r.topic, r.partition, n, r.key, r.value, r.headers, r.received_at, stamp=1_000 + n)
        for r, n in zip(made, offsets, strict=True)
    ]
    fixture.engine.read_offsets.take(sorted(ours, key=lambda one: one.offset))
    return ours


async def begin(fixture: EngineFixture, at: TopicPartition, watermark: int = 0) -> None:
    await has_read(fixture.connection, at, watermark, None)
    fixture.engine.read_offsets.begin({at: watermark})


async def place_of(fixture: EngineFixture) -> TopicPartition:
    some = record(reading("c-1", 0))
    return TopicPartition(some.topic, some.partition)


async def test_how_far_was_read_is_committed_with_what_was_judged(fixture: EngineFixture) -> None:
    at = await place_of(fixture)
    await begin(fixture, at)
    records = taken(fixture, 7, 5, 6)
    left = await fixture.engine.process(fixture.connection, Batch(records[:1]))
    assert (left.size, (await rows(fixture.connection))[at]) == (0, (0, None)), "5 and 6 have not been judged"
    await fixture.take(*records[1:])
    assert (await rows(fixture.connection))[at] == (8, 1_007)


async def test_what_a_transaction_leaves_for_the_next_one_is_not_noted_as_read(
    fixture: EngineFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await place_of(fixture)
    await begin(fixture, at)
    records = taken(fixture, 0, 1, 2)
    monkeypatch.setattr("chassis.store.engine.JUDGING_SECONDS", 0)
    left = await fixture.engine.process(fixture.connection, Batch(records))
    assert [one.offset for one in left.records] == [1, 2]
    assert (await rows(fixture.connection))[at] == (1, 1_000)


async def test_what_is_parked_and_what_is_passed_over_counts_as_read(fixture: EngineFixture) -> None:
    at = await place_of(fixture)
    await begin(fixture, at)
    spoilt = Record(*at, 0, b"c-1", b"not JSON", (), hour(0), stamp=1_000)
    fixture.engine.read_offsets.take([spoilt])
    await fixture.take(spoilt)
    assert (await rows(fixture.connection))[at] == (1, 1_000)
    assert len(await fixture.parked()) == 1


async def test_a_store_that_has_gone_back_under_its_process_is_written_to_no_more(fixture: EngineFixture) -> None:
    at = await place_of(fixture)
    await begin(fixture, at)
    await fixture.take(*taken(fixture, 0, 1))
    before = await fixture.state("c-1")
    for set_back in ("UPDATE read_offset SET next_offset = 1", "DELETE FROM read_offset"):
        await fixture.connection.execute(set_back)
        with pytest.raises(StoreWentBack, match="the database has gone back: of 1 partitions it knows less"):
            await fixture.take(*taken(fixture, 2))
        assert await fixture.state("c-1") == before


async def test_whoever_was_given_the_partition_before_does_not_set_it_back(make_engine: MakeEngine) -> None:
    before, now = await make_engine(), await make_engine()
    at = await place_of(now)
    await begin(before, at)
    now.engine.read_offsets.begin({at: 0})
    await now.take(*taken(now, 0, 1, 2))
    await before.take(*taken(before, 0, 1))
    assert (await rows(now.connection))[at] == (3, 1_002)


async def send(bus: Bus, topic: str, partition: int, values: Sequence[bytes]) -> list[int]:
    async with AIOKafkaProducer(bootstrap_servers=bus.bootstrap_servers, acks="all") as producer:
        sent = [await producer.send_and_wait(topic, value, partition=partition) for value in values]
    return [one.timestamp for one in sent]


async def test_a_landmark_is_found_on_the_bus_that_has_it_and_on_no_other(bus: Bus) -> None:
    topic = f"landmarks-{next(_numbers)}"
    await ensure_topics(bus.bootstrap_servers, [TopicSpec(topic, 4, {})])
    stamps = await send(bus, topic, 0, [b"x" * size for size in (10, 100_000, 10)])
    await send(bus, topic, 1, [b"one"])
    full, one, empty, beyond = (TopicPartition(topic, number) for number in range(4))
    async with asyncio.timeout(60):
        found = await stamps_at(bus.bootstrap_servers, {full: 1, one: 1, empty: 0, beyond: 1_000})
        assert found == {full: stamps[1]}
        assert await stamps_at(bus.bootstrap_servers, {full: 2, one: 9}) == {full: stamps[2]}
        assert await stamps_at(bus.bootstrap_servers, {}) == {}
