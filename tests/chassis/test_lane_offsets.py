"""A lane has the offsets of what it judged committed, and waits for nobody but whoever gives the partitions up."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis.reading import Record
from tests.chassis.desk import raw
from tests.chassis.works import Works, chunk, until


async def opened(door: asyncio.Event) -> None:
    await door.wait()


async def test_who_waits_for_offsets_does_not_mind_that_the_next_ones_are_on_their_way(works: Works) -> None:
    """Else whoever gives partitions up would trip over it, and never join the group again; the simulation found it."""
    first, second = asyncio.Event(), asyncio.Event()
    async with works.running() as lane:
        lane._committing = asyncio.create_task(opened(first))
        settled = asyncio.create_task(lane.settled())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        lane._committing = asyncio.create_task(opened(second))
        first.set()
        for _ in range(20):
            await asyncio.sleep(0)
        assert not settled.done(), "the next ones are not there yet, and that is no error"
        second.set()
        await asyncio.wait_for(settled, 30)


async def test_offsets_of_batches_that_are_judged_while_others_are_on_their_way_go_together(works: Works) -> None:
    answer = asyncio.Event()
    commits: list[list[int]] = []

    async def slow(records: Sequence[Record], _generation: int) -> None:
        commits.append([record.offset for record in records])
        await answer.wait()

    records = [raw(b"x") for _ in range(4)]
    works.max_records = 1
    async with works.running() as lane:
        lane._commit = slow
        works.let()
        await lane.put(chunk(*records))
        await until(lambda: works.judged == 4 and lane.idle and bool(commits))
        assert commits == [[records[0].offset]], "the lane has not waited, and nobody asks twice at a time"
        settled = asyncio.create_task(lane.settled())
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
        await until(lambda: lane._committing is not None and lane._committing.done())
        await lane.put(chunk(raw(b"x")))
        assert works.job is not None
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(works.job, 30)
