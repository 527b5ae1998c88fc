"""A worker has the offsets of what it judged committed, and waits for nobody but whoever gives the partitions up."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis.consume import workers
from chassis.consume.reader import Record
from tests.chassis.engine_fixture import raw
from tests.chassis.fake_engine import FakeEngine, chunk, until


async def test_offsets_go_together_now_and_then_and_at_once_when_the_worker_is_to_settle(
    fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "COMMIT_PAUSE_SECONDS", 3_600)
    fake_engine.let()
    records = [raw(b"x") for _ in range(5)]
    async with fake_engine.running() as worker:
        await worker.put(chunk(records[0]))
        await until(lambda: len(fake_engine.committed) == 1)
        for record in records[1:]:
            await worker.put(chunk(record))
            await until(lambda: worker.idle)
        assert fake_engine.judged == 5
        assert len(fake_engine.committed) == 1
        await worker.settled()
    assert fake_engine.committed == [([records[0].offset], 1), ([records[-1].offset], 1)]


async def test_offsets_of_batches_that_are_judged_while_others_are_on_their_way_go_together(
    fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = asyncio.Event()
    commits: list[list[int]] = []

    async def slow(records: Sequence[Record], _generation: int) -> None:
        commits.append([record.offset for record in records])
        await answer.wait()

    records = [raw(b"x") for _ in range(4)]
    fake_engine.max_records = 1
    fake_engine.let()
    monkeypatch.setattr(fake_engine, "commit", slow)
    async with fake_engine.running() as worker:
        await worker.put(chunk(records[0]))
        await until(lambda: bool(commits))
        await worker.put(chunk(*records[1:]))
        await until(lambda: fake_engine.judged == 4 and worker.idle)
        assert commits == [[records[0].offset]], "the worker has not waited, and nobody asks twice at a time"
        settled = asyncio.create_task(worker.settled())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not settled.done()
        answer.set()
        await asyncio.wait_for(settled, 30)
    assert commits == [[records[0].offset], [records[3].offset]]


async def test_a_commit_that_fails_for_no_reason_of_the_bus_ends_the_worker(
    fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_records: Sequence[Record], _generation: int) -> None:
        raise ZeroDivisionError

    fake_engine.let()
    monkeypatch.setattr(fake_engine, "commit", broken)
    async with fake_engine.running() as worker:
        await worker.put(chunk(raw(b"x")))
        assert fake_engine.job is not None
        with pytest.raises(ExceptionGroup) as ended:
            await asyncio.wait_for(fake_engine.job, 30)
    assert ended.group_contains(ZeroDivisionError)
