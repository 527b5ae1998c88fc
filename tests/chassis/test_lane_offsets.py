"""A lane has the offsets of what it judged committed, and waits for nobody but whoever gives the partitions up."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis import lanes
from chassis.reading import Record
from tests.chassis.desk import raw
from tests.chassis.works import Works, chunk, until


async def test_offsets_go_together_now_and_then_and_at_once_when_the_lane_is_to_settle(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "COMMIT_PAUSE_SECONDS", 3_600)
    works.let()
    records = [raw(b"x") for _ in range(5)]
    async with works.running() as lane:
        await lane.put(chunk(records[0]))
        await until(lambda: len(works.committed) == 1)
        for record in records[1:]:
            await lane.put(chunk(record))
            await until(lambda: lane.idle)
        assert works.judged == 5
        assert len(works.committed) == 1
        await lane.settled()
    assert works.committed == [([records[0].offset], 1), ([records[-1].offset], 1)]


async def test_offsets_of_batches_that_are_judged_while_others_are_on_their_way_go_together(works: Works) -> None:
    answer = asyncio.Event()
    commits: list[list[int]] = []

    async def slow(records: Sequence[Record], _generation: int) -> None:
        commits.append([record.offset for record in records])
        await answer.wait()

    records = [raw(b"x") for _ in range(4)]
    works.max_records = 1
    works.let()
    async with works.running() as lane:
        lane._commit = slow
        await lane.put(chunk(records[0]))
        await until(lambda: bool(commits))
        await lane.put(chunk(*records[1:]))
        await until(lambda: works.judged == 4 and lane.idle)
        assert commits == [[records[0].offset]], "the lane has not waited, and nobody asks twice at a time"
        settled = asyncio.create_task(lane.settled())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not settled.done()
        answer.set()
        await asyncio.wait_for(settled, 30)
    assert commits == [[records[0].offset], [records[3].offset]]


async def test_a_commit_that_fails_for_no_reason_of_the_bus_ends_the_lane(works: Works) -> None:
    async def broken(_records: Sequence[Record], _generation: int) -> None:
        raise ZeroDivisionError

    works.let()
    async with works.running() as lane:
        lane._commit = broken
        await lane.put(chunk(raw(b"x")))
        assert works.job is not None
        with pytest.raises(ExceptionGroup) as ended:
            await asyncio.wait_for(works.job, 30)
    assert ended.group_contains(ZeroDivisionError)
