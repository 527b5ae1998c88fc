"""A case that floods its lane waits for its turn; the others go on, and nothing is judged out of its order."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis import turns
from chassis.reading import Record, Wake
from chassis.turns import FIRST, MOST, SHARE_SECONDS, Turns
from tests.chassis.desk import raw
from tests.chassis.toy import PATIENT, hour
from tests.chassis.works import Works, chunk, until

HOT, OTHER = b"c-1", b"c-2"
FLOOD = 5_000


def flood(number: int = FLOOD, first: int = 0) -> list[Record]:
    """So many records of the hot case, one after the other."""
    return [raw(b"x", HOT, came=hour(first + place)) for place in range(number)]


def of(records: Sequence[Record], key: bytes) -> list[Record]:
    return [record for record in records if record.key == key]


async def test_a_report_that_comes_after_thousands_of_another_case_is_in_the_first_batch(works: Works) -> None:
    works.max_bytes = 100_000_000
    other = raw(b"x", OTHER, came=hour(9_000))
    works.let()
    async with works.running() as lane:
        for part in range(5):
            await lane.put(chunk(*flood(1_000, 1_000 * part)))
        await lane.put(chunk(other))
        await until(lambda: lane.idle)
    assert [place for place, batch in enumerate(works.batches) if other in batch.records] == [0]
    judged = [record for batch in works.batches for record in of(batch.records, HOT)]
    assert len(judged) == FLOOD
    assert [record.came for record in judged] == sorted(record.came for record in judged), "in its own order"
    assert max(len(of(batch.records, HOT)) for batch in works.batches) == MOST
    assert len(works.batches) < 20


async def test_neither_side_starves(works: Works) -> None:
    """While both have more than a batch holds, each has its part of it."""
    works.max_bytes = 100_000_000
    works.let()
    async with works.running() as lane:
        await lane.put(chunk(*flood(3_000)))
        others = [raw(b"x", f"c-{2 + number}".encode(), came=hour(number)) for number in range(3_000)]
        await lane.put(chunk(*others))
        await until(lambda: lane.idle)
    shares = [(len(of(batch.records, HOT)), len(batch.records)) for batch in works.batches[1:-2]]
    assert all(hot >= FIRST and (hot < size or hot == MOST) for hot, size in shares), shares


async def test_offsets_are_committed_up_to_what_is_held_back_and_in_the_end_all_of_them(works: Works) -> None:
    records = flood(3 * FIRST)
    last = raw(b"x", HOT[:-1] + b"1", came=hour(500))
    other = raw(b"x", HOT, came=hour(501))
    async with works.running() as lane:
        await lane.put(chunk(*records, last, other))
        works.let(1)
        await until(lambda: bool(works.committed))
        assert works.committed == [([records[FIRST - 1].offset], 1)]
        works.let()
        await until(lambda: lane.idle)
        await lane.settled()
    assert works.committed[-1] == ([other.offset], 1)


async def test_what_was_judged_ahead_of_the_held_is_committed_once_these_are_judged(works: Works) -> None:
    hot = flood(2 * FIRST)
    ahead = [record for record in (raw(b"x", f"c-{n}".encode()) for n in range(200)) if record.partition == 0]
    assert ahead
    hot = [turns_to(record, ahead[0].partition) for record in hot]
    last = ahead[-1]
    async with works.running() as lane:
        await lane.put(chunk(*hot, last))
        works.let(1)
        await until(lambda: bool(works.committed))
        assert works.committed == [([hot[FIRST].offset - 1], 1)]
        works.let()
        await until(lambda: lane.idle)
        await lane.settled()
    assert last in works.batches[0].records
    assert works.committed[-1] == ([last.offset], 1)


def turns_to(record: Record, partition: int) -> Record:
    return Record(record.topic, partition, record.offset, record.key, record.value, record.headers, record.came)


async def test_what_would_wake_a_case_waits_behind_its_records(works: Works) -> None:
    woken, other = Wake(PATIENT, "c-1", 0, hour(8_000)), Wake(PATIENT, "c-2", 0, hour(8_000))
    works.let()
    async with works.running() as lane:
        await lane.put(chunk(*flood(3 * FIRST)))
        await lane.put(chunk(wakes=[woken, other], read_to={0: hour(8_000)}))
        await until(lambda: lane.idle)
        assert [batch.wakes for batch in works.batches] == [[other], [woken]]
        assert works.batches[0].read_to == {0: hour(8_000)}
        await lane.put(chunk(wakes=[woken]))
        await until(lambda: len(works.batches) == 3)


async def test_what_would_wake_a_held_case_is_judged_as_of_when_was_read_and_not_as_of_now(works: Works) -> None:
    """Its chunk has been taken to its end by then. A wake that names no instant would be judged as of now otherwise."""
    woken = Wake(PATIENT, "c-1", 0)
    works.let()
    async with works.running() as lane:
        await lane.put(chunk(*flood(3 * FIRST)))
        await lane.put(chunk(wakes=[woken], read_to={0: hour(8_000)}))
        await until(lambda: lane.idle)
        (last,) = [batch for batch in works.batches if batch.wakes]
        assert (last.wakes, last.read_to) == ([woken], {0: hour(8_000)})
        works.generation = 2
        await lane.put(chunk(raw(b"new", HOT), of=2))
        await until(lambda: lane.idle)
    assert works.batches[-1].read_to == {}, "how far was read before is forgotten with the partitions"


async def test_an_earlier_record_of_a_held_case_from_another_topic_is_judged_before_the_held_ones(works: Works) -> None:
    late = raw(b"x", HOT, came=hour(FIRST + 0.5))
    works.let()
    async with works.running() as lane:
        await lane.put(chunk(*flood(2 * FIRST)))
        await lane.put(chunk(late))
        await until(lambda: lane.idle)
    judged = [record.came for batch in works.batches for record in batch.records]
    assert judged == sorted(judged)
    assert late in works.batches[1].records


async def test_what_is_held_back_of_lost_partitions_is_dropped(works: Works) -> None:
    wake = Wake(PATIENT, "c-1", 0, hour(9_000))
    async with works.running() as lane:
        await lane.put(chunk(*flood(3 * FIRST), wakes=[wake]))
        await until(lambda: len(works.batches) == 1)
        works.generation = 2
        works.let()
        await until(lambda: lane.idle)
        await lane.put(chunk(raw(b"new", HOT), wakes=[wake], of=2))
        await until(lambda: len(works.committed) == 2)
    assert [record.value for record in works.batches[1].records] == [b"new"]
    assert works.batches[1].wakes == [wake]


async def test_a_lane_holds_back_no_more_than_it_may_and_then_everybody_waits(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "HELD_BYTES", 100 * turns.RECORD_OVERHEAD_BYTES)
    works.max_bytes = 1
    async with works.running() as lane:
        await lane.put(chunk(*flood(1_000)))
        await until(lambda: len(works.batches) == 1)
        waiting = asyncio.create_task(lane.put(chunk(raw(b"x", OTHER))))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not waiting.done()
        assert lane._turns.held_bytes <= 101 * turns.RECORD_OVERHEAD_BYTES
        works.let()
        await until(lambda: lane.idle and waiting.done())
    assert sum(len(batch.records) for batch in works.batches) == 1_001
    assert lane._turns.held_bytes == lane._turns.waiting_bytes == 0


def test_a_share_grows_while_it_takes_little_and_shrinks_while_it_takes_long() -> None:
    waiting = Turns()
    waiting.add(chunk(*flood(4_000)))
    taken = []
    for seconds in (*[0.0] * 5, *[2 * SHARE_SECONDS] * 6):
        turn = waiting.next(1_000, 1)
        taken.append(len(turn.records))
        waiting.took(turn, seconds)
    assert taken == [50, 100, 200, 400, 500, 500, 250, 125, 62, 31, 20]
