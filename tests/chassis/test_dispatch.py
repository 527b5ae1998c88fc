"""What was fetched, and what is due, goes to the worker of its partition."""

from typing import Any

from chassis.consume.dispatch import Workers
from chassis.consume.reader import Wake
from chassis.consume.turns import Chunk
from tests.chassis.engine_fixture import raw
from tests.chassis.toy import WARD, hour


class Listed:
    """A worker that only keeps what it is given."""

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self.idle, self.tries = True, 1

    async def put(self, chunk: Chunk) -> None:
        self.chunks.append(chunk)


async def test_all_topics_of_a_partition_are_judged_in_one_worker_and_one_without_a_share_gets_nothing() -> None:
    listed: Any = [Listed(), Listed(), Listed()]
    workers = Workers(listed)
    record = raw(b"x")
    records = [type(record)(t, n, 0, None, b"", (), hour(0)) for t in ("a", "b") for n in (0, 1, 3)]
    wakes = [Wake(WARD, "here", 1), Wake(WARD, "there", 3)]
    await workers.dispatch(records, wakes, {0: hour(1)}, 7)
    given = [
        [([(r.topic, r.partition) for r in c.records], [w.key for w in c.wakes]) for c in w.chunks] for w in listed
    ]
    assert given == [
        [([("a", 0), ("a", 3), ("b", 0), ("b", 3)], ["there"])],
        [([("a", 1), ("b", 1)], ["here"])],
        [],
    ]
    assert {(chunk.generation, chunk.watermark[0]) for worker in listed for chunk in worker.chunks} == {(7, hour(1))}


async def test_workers_are_idle_when_each_is_and_have_tried_what_all_have() -> None:
    listed: Any = [Listed(), Listed()]
    workers = Workers(listed)
    assert workers.idle
    assert workers.tries == 2
    listed[1].idle = False
    assert not workers.idle
