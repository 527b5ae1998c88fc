"""A lane judges in order, reads ahead no more than it may, and forgets what was read ahead of lost partitions."""

import asyncio

import asyncpg
import pytest

from chassis import lanes
from chassis.lanes import DOCUMENT_BYTES, FEWEST_RECORDS, lane_of
from chassis.reading import Record, Wake
from chassis.saving import StaleRow
from tests.chassis.desk import raw
from tests.chassis.toy import PATIENT, hour
from tests.chassis.works import Works, chunk, until


async def test_what_waits_while_a_batch_is_judged_is_the_next_batch_and_offsets_follow_the_commit(works: Works) -> None:
    one, two, three = (raw(b"x", came=hour(number)) for number in range(3))
    async with works.running() as lane:
        await lane.put(chunk(one))
        await until(lambda: len(works.batches) == 1)
        await lane.put(chunk(three))
        await lane.put(chunk(two))
        assert works.committed == []
        works.let()
        await until(lambda: works.judged == 2)
        assert [record.offset for record in works.batches[1].records] == [two.offset, three.offset], "as they came"
        await lane.settled()
    assert works.committed[-1] == ([max(two.offset, three.offset)], 1)
    assert works.notified == 2
    assert works.connections[0].closed


async def test_a_lane_holds_the_consumer_back_while_it_holds_too_many_bytes(works: Works) -> None:
    works.max_bytes = 10
    async with works.running() as lane:
        await lane.put(chunk(raw(b"x")))
        await until(lambda: len(works.batches) == 1)
        await lane.put(chunk(raw(b"x" * 50)))
        more = asyncio.create_task(lane.put(chunk(raw(b"x"))))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not more.done()
        works.let()
        await more


async def test_a_batch_has_no_more_records_than_it_may_and_how_far_was_read_holds_with_the_last_of_a_chunk(
    works: Works,
) -> None:
    works.max_records = 3
    async with works.running() as lane:
        await lane.put(chunk(raw(b"x")))
        await until(lambda: len(works.batches) == 1)
        for number in range(3):
            await lane.put(chunk(raw(b"x"), raw(b"x"), read_to={0: hour(number)}))
        works.let()
        await until(lambda: works.judged == 3)
    assert [len(batch.records) for batch in works.batches] == [1, 3, 3]
    assert [batch.read_to for batch in works.batches[1:]] == [{0: hour(0)}, {0: hour(2)}]


async def test_batches_grow_smaller_when_their_cases_weigh_much_and_larger_again(works: Works) -> None:
    works.max_records = 4 * FEWEST_RECORDS
    works.weighs = DOCUMENT_BYTES // FEWEST_RECORDS
    works.let()
    async with works.running() as lane:
        await lane.put(chunk(*each(works.max_records)))
        await until(lambda: works.judged == 1)
        await lane.put(chunk(*each(works.max_records)))
        await until(lambda: works.judged == 5)
        works.weighs = 1
        await lane.put(chunk(*each(7 * FEWEST_RECORDS)))
        await until(lambda: works.judged == 8)
    sizes = [len(batch.records) // FEWEST_RECORDS for batch in works.batches]
    assert sizes == [4, 1, 1, 1, 1, 1, 2, 4]


def each(number: int) -> list[Record]:
    """So many records, each of a case of its own."""
    return [raw(b"x", f"c-{case}".encode()) for case in range(number)]


async def test_what_was_read_ahead_of_lost_partitions_is_dropped(works: Works) -> None:
    wake = Wake(PATIENT, "c-1", 0, hour(1))
    async with works.running() as lane:
        await lane.put(chunk(raw(b"x")))
        await until(lambda: len(works.batches) == 1)
        await lane.put(chunk(raw(b"old"), wakes=[wake]))
        works.generation = 2
        works.let()
        await until(lambda: lane.idle)
        await lane.put(chunk(raw(b"new"), wakes=[wake], of=2))
        await until(lambda: len(works.committed) == 2)
    assert [record.value for record in works.batches[1].records] == [b"new"]
    assert works.batches[1].wakes == [wake], "the wake that was dropped does not hide the one that came after it"
    assert [generation for _, generation in works.committed] == [1, 2]


async def test_a_row_that_waits_or_is_being_judged_is_not_woken_twice(works: Works) -> None:
    wake = Wake(PATIENT, "c-1", 0, hour(1))
    async with works.running() as lane:
        await lane.put(chunk(wakes=[wake]))
        await until(lambda: len(works.batches) == 1)
        await lane.put(chunk(wakes=[wake]))
        works.let()
        await until(lambda: lane.idle)
        assert len(works.batches) == 1
        await lane.put(chunk(wakes=[wake]))
        await until(lambda: len(works.batches) == 2)


async def test_a_batch_of_several_fetches_has_been_read_as_far_as_the_furthest_of_them(works: Works) -> None:
    """A later fetch may know less of a partition: it brought a part of what has come since."""
    async with works.running() as lane:
        await lane.put(chunk(raw(b"x")))
        await until(lambda: len(works.batches) == 1)
        await lane.put(chunk(wakes=[Wake(PATIENT, "c-1", 0, hour(5))], read_to={0: hour(5), 2: hour(1)}))
        await lane.put(chunk(raw(b"x"), read_to={0: hour(3), 2: hour(2)}))
        works.let()
        await until(lambda: len(works.batches) == 2)
    assert works.batches[1].read_to == {0: hour(5), 2: hour(2)}


@pytest.mark.parametrize(
    "failure",
    [
        OSError("reset"),
        asyncpg.DeadlockDetectedError("x"),
        asyncpg.InterfaceError("closed"),
        TimeoutError(),
        StaleRow("x"),
    ],
)
async def test_a_store_that_fails_is_asked_again_on_a_new_connection(
    works: Works, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "BACK_OFF_SECONDS", (0.0,))
    works.failures, record = [failure], raw(b"x")
    works.let()
    async with works.running() as lane:
        await lane.put(chunk(record))
        await until(lambda: bool(works.committed))
    assert len(works.batches) == 2
    assert works.committed == [([record.offset], 1)]
    assert [connection.closed for connection in works.connections] == [True, True]


async def test_what_one_transaction_had_no_time_for_is_judged_in_the_next_before_anything_is_committed(
    works: Works,
) -> None:
    works.has_time_for = 2
    records = [raw(b"x") for _ in range(9)]
    works.let()
    async with works.running() as lane:
        await lane.put(chunk(*records))
        await until(lambda: bool(works.committed))
    assert [batch.size for batch in works.batches] == [9, 4, 4, 3, 1]
    assert [batch.records[0] for batch in works.batches] == records[::2]
    assert works.committed == [([max(record.offset for record in records)], 1)]


async def test_after_a_short_transaction_the_next_ones_grow_again(works: Works) -> None:
    """One thing that is parked alone, or that takes long, must not make thousands of transactions of the rest."""
    works.has_time_for = 1
    async with works.running() as lane:
        await lane.put(chunk(*(raw(b"x") for _ in range(20))))
        works.let(1)
        await until(lambda: works.judged == 1)
        works.has_time_for = 1_000
        works.let()
        await until(lambda: bool(works.committed))
    assert [batch.size for batch in works.batches] == [20, 2, 4, 8, 5]


async def test_what_is_too_much_for_the_store_is_asked_of_it_in_ever_smaller_pieces(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "BACK_OFF_SECONDS", (0.0,))
    works.failures = [TimeoutError() for _ in range(4)]
    works.let()
    async with works.running() as lane:
        await lane.put(chunk(*(raw(b"x") for _ in range(8))))
        await until(lambda: bool(works.committed))
    assert [batch.size for batch in works.batches] == [8, 8, 4, 2, *[1] * 8]


async def test_a_batch_of_lost_partitions_is_given_up_between_two_attempts(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "BACK_OFF_SECONDS", (0.0,))
    works.failures = [OSError("reset")]
    async with works.running() as lane:
        await lane.put(chunk(raw(b"x")))
        await until(lambda: len(works.batches) == 1)
        works.generation = 2
        works.let()
        await until(lambda: lane.idle)
    assert works.committed == []


async def test_settled_means_the_batch_at_hand_and_waits_for_no_other(works: Works) -> None:
    works.max_records = 1
    async with works.running() as lane:
        for _ in range(5):
            await lane.put(chunk(raw(b"x")))
        await until(lambda: len(works.batches) == 1)
        settled = asyncio.create_task(lane.settled())
        await asyncio.sleep(0)
        assert not settled.done()
        works.let(1)
        await until(lambda: len(works.batches) == 2)
        async with asyncio.timeout(30):
            await settled
        assert len(works.committed) == 1


async def test_an_idle_lane_is_settled(works: Works) -> None:
    async with works.running() as lane:
        await lane.settled()
        assert lane.idle


def test_all_topics_of_a_partition_are_judged_in_one_lane() -> None:
    assert [lane_of(partition, "ab") for partition in range(4)] == [0, 1, 0, 1]
