"""Workers: partitions are divided over a few, each with its own connection, so Python works while PostgreSQL does."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from itertools import count
from typing import Any

from msgspec.structs import replace

from chassis.clock import monotonic
from chassis.consume.reader import Record
from chassis.consume.turns import Chunk, Turn, Turns
from chassis.process.outages import STORE
from chassis.process.shutdown import or_fail, stop
from chassis.store.connection import STORE_FAILED, Connection, StoreWentBack
from chassis.store.engine import Batch, Engine
from chassis.store.saving import StaleRow

Commit = Callable[[Sequence[Record], int], Coroutine[Any, Any, None]]
"""(records judged, generation) → their offsets are committed, or refused: another has the partitions now."""

DOCUMENT_BYTES = 2 * 1024 * 1024
"""Stored documents that one batch should load, about: in Python they weigh many times as much."""
FEWEST_RECORDS = 50

COMMIT_PAUSE_SECONDS = 0.1
"""Between two commits of offsets, each of which costs the broker as much as a batch of records; a crash within it has
so much more read again, and left out."""

_numbers = count(1)

BACK_OFF_SECONDS = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0)


class Worker:
    """A queue and a connection: batches are judged one after the other, the next is read ahead."""

    def __init__(
        self,
        engine: Engine,
        connect: Callable[[], Awaitable[Connection]],
        commit: Commit,
        current: Callable[[], int],
        emitted: Callable[[], None],
        max_records: int,
        max_bytes: int,
    ) -> None:
        self._engine, self._connect, self._commit, self._current, self._emitted = (
            engine,
            connect,
            commit,
            current,
            emitted,
        )
        self._max_records, self._max_bytes = max_records, max_bytes
        self._at_once = max_records
        self._turns = Turns()
        self._wakes: set[tuple[str, str]] = set()
        self._changed = asyncio.Condition()
        self._busy = False
        self._batches = 0
        self._uncommitted: dict[tuple[str, int], Record] = {}
        """The last record of each partition before which all have been judged, where that is not committed yet."""
        self._last: dict[tuple[str, int], int] = {}
        """The offset of the last record of each partition that was judged; both are of generation `_judged_of`."""
        self._judged_of = 0
        self._judged = asyncio.Event()
        """There is something to commit."""
        self._committing = asyncio.Lock()
        self.tries = 0
        """Transactions begun, those that were begun again included."""
        self._connection: Connection | None = None
        self._name = f"worker {next(_numbers)}"

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing is being judged."""
        return not self._turns and not self._busy

    async def put(self, chunk: Chunk) -> None:
        """Queues a chunk; waits while the worker holds too many bytes, which is what holds the consumer back."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._turns.waiting_bytes < self._max_bytes)
            wakes = [wake for wake in chunk.wakes if (wake.aggregate.name, wake.key) not in self._wakes]
            if not chunk.records and not wakes:
                return
            self._wakes.update((wake.aggregate.name, wake.key) for wake in wakes)
            chunk.wakes = wakes
            self._turns.add(chunk)
            self._changed.notify_all()

    async def settled(self) -> None:
        """Returns when the batch at hand is committed, its offsets too; what waits is not waited for."""
        async with self._changed:
            at_hand = self._batches
            await self._changed.wait_for(lambda: not self._busy or self._batches > at_hand)
        await self._commit_judged()

    def _remember(self, records: Sequence[Record], generation: int) -> None:
        """These have been judged; their offsets are committed while the worker goes on, up to what is held back."""
        if generation != self._judged_of:
            self._uncommitted, self._last, self._judged_of = {}, {}, generation
        judged: dict[tuple[str, int], Record] = {}
        for record in records:
            place = record.topic, record.partition
            if record.parked_id is None and (place not in judged or judged[place].offset < record.offset):
                judged[place] = record
        held = self._turns.lowest_held()
        for place, record in judged.items():
            last = self._last[place] = max(record.offset, self._last.get(place, record.offset))
            end = min(last, held.get(place, last + 1) - 1)
            self._uncommitted[place] = replace(record, offset=end, value=None)
        self._judged.set()

    async def _commit_judged(self) -> None:
        """Returns when the offsets of all that had been judged are committed, or refused."""
        async with self._committing:
            records, self._uncommitted = list(self._uncommitted.values()), {}
            if records:
                await self._commit(records, self._judged_of)

    async def _commit_now_and_then(self) -> None:
        while True:
            await self._judged.wait()
            self._judged.clear()
            await self._commit_judged()
            await asyncio.sleep(COMMIT_PAUSE_SECONDS)

    async def run(self) -> None:
        """Judges what comes, for as long as the process lives."""
        try:
            async with asyncio.TaskGroup() as jobs:
                jobs.create_task(or_fail(self._judge_all()))
                jobs.create_task(or_fail(self._commit_now_and_then()))
        finally:
            if self._connection is not None:
                self._connection.terminate()

    async def _judge_all(self) -> None:
        while True:
            turn, generation = await self._next()
            batch, begun = turn.batch(), monotonic()
            try:
                if batch.size:
                    await self._judge(batch, generation)
            except StoreWentBack as gone_back:
                stop("%s", gone_back)
                return await self._settle(batch)
            self._turns.took(turn, monotonic() - begun)
            await self._settle(batch)

    async def _next(self) -> tuple[Turn, int]:
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._turns))
            self._busy = True
            generation = self._current()
            dropped = self._turns.forget_others(generation)
            self._wakes.difference_update((wake.aggregate.name, wake.key) for wake in dropped)
            turn = self._turns.next(self._at_once, generation)
            self._changed.notify_all()
        return turn, generation

    async def _judge(self, batch: Batch, generation: int) -> None:
        """Judges a batch to its end, in one transaction or more: each takes up twice as many things as the last one had
        the time for. What is too much for the store is not asked of it for ever: a second failure halves them.
        """
        rest, at_once, at_most, failures, loaded_bytes = batch, batch.size, batch.size, 0, 0
        while rest.size:
            self.tries += 1
            first, others = rest.split(at_once)
            try:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await self._connect()
                left = await self._engine.process(self._connection, first)
            except (*STORE_FAILED, StaleRow) as error:
                STORE.gone(self._name, type(error).__name__)
                await self._drop_connection()
                await asyncio.sleep(BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS) - 1)])
                if generation != self._current():
                    STORE.back(self._name)  # it does not ask any more
                    return
                failures += 1
                if failures > 1:
                    at_once = at_most = max(1, first.size // 2)
                continue
            STORE.back(self._name)
            at_once = min(at_most, 2 * (first.size - left.size))
            rest, failures, loaded_bytes = left.then(others), 0, loaded_bytes + first.loaded_bytes
            self._emitted()
        self._adapt(batch.size, loaded_bytes)
        self._remember(batch.records, generation)

    def _adapt(self, judged: int, loaded_bytes: int) -> None:
        """The next batch is as large as what the cases of this one weigh allows."""
        fitting = DOCUMENT_BYTES * judged // max(loaded_bytes, 1)
        self._at_once = max(min(fitting, 2 * self._at_once, self._max_records), min(FEWEST_RECORDS, self._max_records))

    async def _settle(self, batch: Batch) -> None:
        async with self._changed:
            self._wakes.difference_update((wake.aggregate.name, wake.key) for wake in batch.wakes)
            self._busy = False
            self._batches += 1
            self._changed.notify_all()

    async def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.terminate()


def worker_of(partition: int, workers: Sequence[Any]) -> int:
    """The worker of a partition: the same for all topics, so that one case is judged in one place."""
    return partition % len(workers)
