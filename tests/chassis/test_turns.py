"""A case that floods its worker waits for its turn; the others go on, and nothing is judged out of its order."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis.consume import turns
from chassis.consume.in_step import RECORD_OVERHEAD_BYTES
from chassis.consume.reader import Record, Wake
from chassis.consume.turns import FIRST, MOST, SHARE_SECONDS, Turns
from tests.chassis.engine_fixture import raw
from tests.chassis.fake_engine import FakeEngine, chunk, until
from tests.chassis.toy import PATIENT, hour

HOT, OTHER = b"c-1", b"c-2"
FLOOD = 5_000


def flood(number: int = FLOOD, first: int = 0) -> list[Record]:
    """So many records of the hot case, one after the other."""
    return [raw(b"x", HOT, received_at=hour(first + place)) for place in range(number)]


def of(records: Sequence[Record], key: bytes) -> list[Record]:
    return [record for record in records if record.key == key]


async def test_a_report_that_comes_after_thousands_of_another_case_is_in_the_first_batch(
    fake_engine: FakeEngine,
) -> None:
    fake_engine.max_bytes = 100_000_000
    other = raw(b"x", OTHER, received_at=hour(9_000))
    fake_engine.let()
    async with fake_engine.running() as worker:
        for part in range(5):
            await worker.put(chunk(*flood(1_000, 1_000 * part)))
        await worker.put(chunk(other))
        await until(lambda: worker.idle)
    assert [place for place, batch in enumerate(fake_engine.batches) if other in batch.records] == [0]
    judged = [record for batch in fake_engine.batches for record in of(batch.records, HOT)]
    assert len(judged) == FLOOD
    assert [record.received_at for record in judged] == sorted(record.received_at for record in judged), (
        "in its own order"
    )
    assert max(len(of(batch.records, HOT)) for batch in fake_engine.batches) == MOST
    assert len(fake_engine.batches) < 20


async def test_neither_side_starves(fake_engine: FakeEngine) -> None:
    """While both have more than a batch holds, each has its part of it."""
    fake_engine.max_bytes = 100_000_000
    fake_engine.let()
    async with fake_engine.running() as worker:
        await worker.put(chunk(*flood(3_000)))
        others = [raw(b"x", f"c-{2 + number}".encode(), received_at=hour(number)) for number in range(3_000)]
        await worker.put(chunk(*others))
        await until(lambda: worker.idle)
    shares = [(len(of(batch.records, HOT)), len(batch.records)) for batch in fake_engine.batches[1:-2]]
    assert all(hot >= FIRST and (hot < size or hot == MOST) for hot, size in shares), shares


async def test_offsets_are_committed_up_to_what_is_held_back_and_in_the_end_all_of_them(
    fake_engine: FakeEngine,
) -> None:
    records = flood(3 * FIRST)
    last = raw(b"x", HOT[:-1] + b"1", received_at=hour(500))
    other = raw(b"x", HOT, received_at=hour(501))
    async with fake_engine.running() as worker:
        await worker.put(chunk(*records, last, other))
        fake_engine.let(1)
        await until(lambda: bool(fake_engine.committed))
        assert fake_engine.committed == [([records[FIRST - 1].offset], 1)]
        fake_engine.let()
        await until(lambda: worker.idle)
        await worker.settled()
    assert fake_engine.committed[-1] == ([other.offset], 1)


async def test_what_was_judged_ahead_of_the_held_is_committed_once_these_are_judged(fake_engine: FakeEngine) -> None:
    hot = flood(2 * FIRST)
    ahead = [record for record in (raw(b"x", f"c-{n}".encode()) for n in range(200)) if record.partition == 0]
    assert ahead
    hot = [turns_to(record, ahead[0].partition) for record in hot]
    last = ahead[-1]
    async with fake_engine.running() as worker:
        await worker.put(chunk(*hot, last))
        fake_engine.let(1)
        await until(lambda: bool(fake_engine.committed))
        assert fake_engine.committed == [([hot[FIRST].offset - 1], 1)]
        fake_engine.let()
        await until(lambda: worker.idle)
        await worker.settled()
    assert last in fake_engine.batches[0].records
    assert fake_engine.committed[-1] == ([last.offset], 1)


def turns_to(record: Record, partition: int) -> Record:
    return Record(record.topic, partition, record.offset, record.key, record.value, record.headers, record.received_at)


async def test_what_would_wake_a_case_waits_behind_its_records(fake_engine: FakeEngine) -> None:
    woken, other = Wake(PATIENT, "c-1", 0, hour(8_000)), Wake(PATIENT, "c-2", 0, hour(8_000))
    fake_engine.let()
    async with fake_engine.running() as worker:
        await worker.put(chunk(*flood(3 * FIRST)))
        await worker.put(chunk(wakes=[woken, other], watermark={0: hour(8_000)}))
        await until(lambda: worker.idle)
        assert [batch.wakes for batch in fake_engine.batches] == [[other], [woken]]
        assert fake_engine.batches[0].watermark == {0: hour(8_000)}
        await worker.put(chunk(wakes=[woken]))
        await until(lambda: len(fake_engine.batches) == 3)


async def test_what_would_wake_a_held_case_is_judged_as_of_when_was_read_and_not_as_of_now(
    fake_engine: FakeEngine,
) -> None:
    """Its chunk has been taken to its end by then. A wake that names no instant would be judged as of now otherwise."""
    woken = Wake(PATIENT, "c-1", 0)
    fake_engine.let()
    async with fake_engine.running() as worker:
        await worker.put(chunk(*flood(3 * FIRST)))
        await worker.put(chunk(wakes=[woken], watermark={0: hour(8_000)}))
        await until(lambda: worker.idle)
        (last,) = [batch for batch in fake_engine.batches if batch.wakes]
        assert (last.wakes, last.watermark) == ([woken], {0: hour(8_000)})
        fake_engine.generation = 2
        await worker.put(chunk(raw(b"new", HOT), of=2))
        await until(lambda: worker.idle)
    assert fake_engine.batches[-1].watermark == {}, "how far was read before is forgotten with the partitions"


async def test_an_earlier_record_of_a_held_case_from_another_topic_is_judged_before_the_held_ones(
    fake_engine: FakeEngine,
) -> None:
    late = raw(b"x", HOT, received_at=hour(FIRST + 0.5))
    fake_engine.let()
    async with fake_engine.running() as worker:
        await worker.put(chunk(*flood(2 * FIRST)))
        await worker.put(chunk(late))
        await until(lambda: worker.idle)
    judged = [record.received_at for batch in fake_engine.batches for record in batch.records]
    assert judged == sorted(judged)
    assert late in fake_engine.batches[1].records


async def test_what_is_held_back_of_lost_partitions_is_dropped(fake_engine: FakeEngine) -> None:
    wake = Wake(PATIENT, "c-1", 0, hour(9_000))
    async with fake_engine.running() as worker:
        await worker.put(chunk(*flood(3 * FIRST), wakes=[wake]))
        await until(lambda: len(fake_engine.batches) == 1)
        fake_engine.generation = 2
        fake_engine.let()
        await until(lambda: worker.idle)
        await worker.put(chunk(raw(b"new", HOT), wakes=[wake], of=2))
        await until(lambda: len(fake_engine.committed) == 2)
    assert [record.value for record in fake_engine.batches[1].records] == [b"new"]
    assert fake_engine.batches[1].wakes == [wake]


async def test_a_worker_holds_back_no_more_than_it_may_and_then_everybody_waits(
    fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "HELD_BYTES", 100 * RECORD_OVERHEAD_BYTES)
    fake_engine.max_bytes = 1
    async with fake_engine.running() as worker:
        await worker.put(chunk(*flood(1_000)))
        await until(lambda: len(fake_engine.batches) == 1)
        waiting = asyncio.create_task(worker.put(chunk(raw(b"x", OTHER))))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not waiting.done()
        assert worker._turns.held_bytes <= 101 * RECORD_OVERHEAD_BYTES
        fake_engine.let()
        await until(lambda: worker.idle and waiting.done())
    assert sum(len(batch.records) for batch in fake_engine.batches) == 1_001
    assert worker._turns.held_bytes == worker._turns.waiting_bytes == 0


def test_a_share_grows_while_it_takes_little_and_shrinks_while_it_takes_long() -> None:
    waiting = Turns()
    waiting.add(chunk(*flood(4_000)))
    taken = []
    for seconds in (*[0.0] * 5, *[2 * SHARE_SECONDS] * 6):
        turn = waiting.next(1_000, 1)
        taken.append(len(turn.records))
        waiting.took(turn, seconds)
    assert taken == [50, 100, 200, 400, 500, 500, 250, 125, 62, 31, 20]
