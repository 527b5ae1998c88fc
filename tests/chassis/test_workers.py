"""A worker judges in order, reads ahead no more than it may, and forgets what was read ahead of lost partitions."""

import asyncio

import asyncpg
import pytest

from chassis.consume import workers
from chassis.consume.reader import Record, Wake
from chassis.consume.workers import DOCUMENT_BYTES, FEWEST_RECORDS
from chassis.store.saving import StaleRow
from tests.chassis.engine_fixture import raw
from tests.chassis.fake_engine import Closing, FakeEngine, chunk, until
from tests.chassis.toy import PATIENT, hour


async def test_what_waits_while_a_batch_is_judged_is_the_next_batch_and_offsets_follow_the_commit(
    fake_engine: FakeEngine,
) -> None:
    one, two, three = (raw(b"x", received_at=hour(number)) for number in range(3))
    async with fake_engine.running() as worker:
        await worker.put(chunk(one))
        await until(lambda: len(fake_engine.batches) == 1)
        await worker.put(chunk(three))
        await worker.put(chunk(two))
        assert fake_engine.committed == []
        fake_engine.let()
        await until(lambda: fake_engine.judged == 2)
        assert [record.offset for record in fake_engine.batches[1].records] == [two.offset, three.offset], (
            "as they came"
        )
        await worker.settled()
    assert fake_engine.committed[-1] == ([max(two.offset, three.offset)], 1)
    assert fake_engine.notified == 2
    assert fake_engine.connections[0].closed


async def test_a_worker_holds_the_consumer_back_while_it_holds_too_many_bytes(fake_engine: FakeEngine) -> None:
    fake_engine.max_bytes = 10
    async with fake_engine.running() as worker:
        await worker.put(chunk(raw(b"x")))
        await until(lambda: len(fake_engine.batches) == 1)
        await worker.put(chunk(raw(b"x" * 50)))
        more = asyncio.create_task(worker.put(chunk(raw(b"x"))))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not more.done()
        fake_engine.let()
        await more


async def test_a_batch_has_no_more_records_than_it_may_and_how_far_was_read_holds_with_the_last_of_a_chunk(
    fake_engine: FakeEngine,
) -> None:
    fake_engine.max_records = 3
    async with fake_engine.running() as worker:
        await worker.put(chunk(raw(b"x")))
        await until(lambda: len(fake_engine.batches) == 1)
        for number in range(3):
            await worker.put(chunk(raw(b"x"), raw(b"x"), watermark={0: hour(number)}))
        fake_engine.let()
        await until(lambda: fake_engine.judged == 3)
    assert [len(batch.records) for batch in fake_engine.batches] == [1, 3, 3]
    assert [batch.watermark for batch in fake_engine.batches[1:]] == [{0: hour(0)}, {0: hour(2)}]


async def test_batches_grow_smaller_when_their_cases_weigh_much_and_larger_again(fake_engine: FakeEngine) -> None:
    fake_engine.max_records = 4 * FEWEST_RECORDS
    fake_engine.weighs = DOCUMENT_BYTES // FEWEST_RECORDS
    fake_engine.let()
    async with fake_engine.running() as worker:
        await worker.put(chunk(*each(fake_engine.max_records)))
        await until(lambda: fake_engine.judged == 1)
        await worker.put(chunk(*each(fake_engine.max_records)))
        await until(lambda: fake_engine.judged == 5)
        fake_engine.weighs = 1
        await worker.put(chunk(*each(7 * FEWEST_RECORDS)))
        await until(lambda: fake_engine.judged == 8)
    sizes = [len(batch.records) // FEWEST_RECORDS for batch in fake_engine.batches]
    assert sizes == [4, 1, 1, 1, 1, 1, 2, 4]


def each(number: int) -> list[Record]:
    """So many records, each of a case of its own."""
    return [raw(b"x", f"c-{case}".encode()) for case in range(number)]


async def test_what_was_read_ahead_of_lost_partitions_is_dropped(fake_engine: FakeEngine) -> None:
    wake = Wake(PATIENT, "c-1", 0, hour(1))
    async with fake_engine.running() as worker:
        await worker.put(chunk(raw(b"x")))
        await until(lambda: len(fake_engine.batches) == 1)
        await worker.put(chunk(raw(b"old"), wakes=[wake]))
        fake_engine.generation = 2
        fake_engine.let()
        await until(lambda: worker.idle)
        await worker.put(chunk(raw(b"new"), wakes=[wake], of=2))
        await until(lambda: len(fake_engine.committed) == 2)
    assert [record.value for record in fake_engine.batches[1].records] == [b"new"]
    assert fake_engine.batches[1].wakes == [wake], "the wake that was dropped does not hide the one that came after it"
    assert [generation for _, generation in fake_engine.committed] == [1, 2]


async def test_a_row_that_waits_or_is_being_judged_is_not_woken_twice(fake_engine: FakeEngine) -> None:
    wake = Wake(PATIENT, "c-1", 0, hour(1))
    async with fake_engine.running() as worker:
        await worker.put(chunk(wakes=[wake]))
        await until(lambda: len(fake_engine.batches) == 1)
        await worker.put(chunk(wakes=[wake]))
        fake_engine.let()
        await until(lambda: worker.idle)
        assert len(fake_engine.batches) == 1
        await worker.put(chunk(wakes=[wake]))
        await until(lambda: len(fake_engine.batches) == 2)


async def test_a_batch_of_several_fetches_has_been_read_as_far_as_the_furthest_of_them(fake_engine: FakeEngine) -> None:
    """A later fetch may know less of a partition: it brought a part of what has come since."""
    async with fake_engine.running() as worker:
        await worker.put(chunk(raw(b"x")))
        await until(lambda: len(fake_engine.batches) == 1)
        await worker.put(chunk(wakes=[Wake(PATIENT, "c-1", 0, hour(5))], watermark={0: hour(5), 2: hour(1)}))
        await worker.put(chunk(raw(b"x"), watermark={0: hour(3), 2: hour(2)}))
        fake_engine.let()
        await until(lambda: len(fake_engine.batches) == 2)
    assert fake_engine.batches[1].watermark == {0: hour(5), 2: hour(2)}


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
    fake_engine: FakeEngine, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "BACK_OFF_SECONDS", (0.0,))
    fake_engine.failures, record = [failure], raw(b"x")
    fake_engine.let()
    async with fake_engine.running() as worker:
        await worker.put(chunk(record))
        await until(lambda: bool(fake_engine.committed))
    assert len(fake_engine.batches) == 2
    assert fake_engine.committed == [([record.offset], 1)]
    assert [connection.closed for connection in fake_engine.connections] == [True, True]


async def test_what_one_transaction_had_no_time_for_is_judged_in_the_next_before_anything_is_committed(
    fake_engine: FakeEngine,
) -> None:
    fake_engine.has_time_for = 2
    records = [raw(b"x") for _ in range(9)]
    fake_engine.let()
    async with fake_engine.running() as worker:
        await worker.put(chunk(*records))
        await until(lambda: bool(fake_engine.committed))
    assert [batch.size for batch in fake_engine.batches] == [9, 4, 4, 3, 1]
    assert [batch.records[0] for batch in fake_engine.batches] == records[::2]
    assert fake_engine.committed == [([max(record.offset for record in records)], 1)]


async def test_after_a_short_transaction_the_next_ones_grow_again(fake_engine: FakeEngine) -> None:
    """One thing that is parked alone, or that takes long, must not make thousands of transactions of the rest."""
    fake_engine.has_time_for = 1
    async with fake_engine.running() as worker:
        await worker.put(chunk(*(raw(b"x") for _ in range(20))))
        fake_engine.let(1)
        await until(lambda: fake_engine.judged == 1)
        fake_engine.has_time_for = 1_000
        fake_engine.let()
        await until(lambda: bool(fake_engine.committed))
    assert [batch.size for batch in fake_engine.batches] == [20, 2, 4, 8, 5]


async def test_what_is_too_much_for_the_store_is_asked_of_it_in_ever_smaller_pieces(
    fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "BACK_OFF_SECONDS", (0.0,))
    fake_engine.failures = [TimeoutError() for _ in range(4)]
    fake_engine.let()
    async with fake_engine.running() as worker:
        await worker.put(chunk(*(raw(b"x") for _ in range(8))))
        await until(lambda: bool(fake_engine.committed))
    assert [batch.size for batch in fake_engine.batches] == [8, 8, 4, 2, *[1] * 8]


async def test_a_store_that_cannot_be_reached_halves_what_was_to_be_judged_next(
    fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not what was judged before it, which may have been much more."""
    monkeypatch.setattr(workers, "BACK_OFF_SECONDS", (0.0,))
    refused, connect = [OSError("refused"), OSError("refused")], fake_engine.connect

    async def connect_if_it_can() -> Closing:
        if fake_engine.judged and refused:
            raise refused.pop()
        return await connect()

    fake_engine.connect = connect_if_it_can  # type: ignore[method-assign]
    fake_engine.has_time_for = 2
    async with fake_engine.running() as worker:
        await worker.put(chunk(*(raw(b"x") for _ in range(20))))
        await until(lambda: len(fake_engine.batches) == 1)
        fake_engine.connections[0].terminate()
        fake_engine.let()
        await until(lambda: bool(fake_engine.committed))
    assert [batch.size for batch in fake_engine.batches] == [20, *[2] * 9]


async def test_a_batch_of_lost_partitions_is_given_up_between_two_attempts(
    fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "BACK_OFF_SECONDS", (0.0,))
    fake_engine.failures = [OSError("reset")]
    async with fake_engine.running() as worker:
        await worker.put(chunk(raw(b"x")))
        await until(lambda: len(fake_engine.batches) == 1)
        fake_engine.generation = 2
        fake_engine.let()
        await until(lambda: worker.idle)
    assert fake_engine.committed == []


async def test_settled_means_the_batch_at_hand_and_waits_for_no_other(fake_engine: FakeEngine) -> None:
    fake_engine.max_records = 1
    async with fake_engine.running() as worker:
        for _ in range(5):
            await worker.put(chunk(raw(b"x")))
        await until(lambda: len(fake_engine.batches) == 1)
        settled = asyncio.create_task(worker.settled())
        await asyncio.sleep(0)
        assert not settled.done()
        fake_engine.let(1)
        await until(lambda: len(fake_engine.batches) == 2)
        async with asyncio.timeout(30):
            await settled
        assert len(fake_engine.committed) == 1


async def test_an_idle_worker_is_settled(fake_engine: FakeEngine) -> None:
    async with fake_engine.running() as worker:
        await worker.settled()
        assert worker.idle
