"""Workers: partitions are divided over a few, each with its own connection, so Python works while PostgreSQL does."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import Protocol

from msgspec.structs import replace

from chassis.clock import monotonic
from chassis.consume.reader import Record
from chassis.consume.turns import Chunk, Turn, Turns
from chassis.failures import of_database
from chassis.process.outages import STORE
from chassis.process.shutdown import or_fail, stop
from chassis.retrying import retry
from chassis.store.connection import STORE_FAILED, Connection, StoreWentBack
from chassis.store.engine import Batch, Engine
from chassis.store.saving import StaleRow


class Reading(Protocol):
    """Where the records of a worker come from."""

    @property
    def generation(self) -> int:
        """Another one after each change of the assignment."""

    async def commit(self, records: Sequence[Record], generation: int) -> None:
        """The offsets of records that were judged; refused where another has the partitions now."""


DOCUMENT_BYTES = 2 * 1024 * 1024
"""Stored documents that one batch should load, about: in Python they weigh many times as much."""
FEWEST_RECORDS = 50

COMMIT_PAUSE_SECONDS = 0.1
"""Between two commits of offsets, each of which costs the broker as much as a batch of records; a crash within it has
so much more read again, and left out."""

_numbers = count(1)

BACK_OFF_SECONDS = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0)


class Portions:
    """A batch in as many transactions as it takes: each takes up twice as many things as the last one had the time for.
    What is too much for the store is not asked of it for ever: a second failure halves them.
    """

    def __init__(self, batch: Batch) -> None:
        self.rest = batch
        self.failures = self.loaded_bytes = 0
        """How often the present portion has failed; what the documents of all that was judged weigh."""
        self._at_once = self._at_most = batch.size
        self._first, self._others = batch.split(batch.size)

    def next(self) -> Batch:
        """What the next transaction judges: the same until it is judged, but for its size."""
        self._first, self._others = self.rest.split(self._at_once)
        return self._first

    def judged(self, left: Batch) -> None:
        """But for what is `left` of it."""
        self._at_once = min(self._at_most, 2 * (self._first.size - left.size))
        self.rest = left.then(self._others)
        self.failures, self.loaded_bytes = 0, self.loaded_bytes + self._first.loaded_bytes

    def failed(self) -> None:
        """Nothing of it was judged."""
        self.failures += 1
        if self.failures > 1:
            self._at_once = self._at_most = max(1, self._first.size // 2)


class Worker:
    """A queue and a connection: batches are judged one after the other, the next is read ahead."""

    def __init__(
        self,
        engine: Engine,
        connect: Callable[[], Awaitable[Connection]],
        reading: Reading,
        emitted: Callable[[], None],
        max_records: int,
        max_bytes: int,
    ) -> None:
        self._engine, self._connect, self._reading, self._emitted = engine, connect, reading, emitted
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

    @property
    def woken(self) -> int:
        """Rows that are to be woken: they wait, or are being judged."""
        return len(self._wakes)

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
                await self._reading.commit(records, self._judged_of)

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
            generation = self._reading.generation
            dropped = self._turns.forget_others(generation)
            self._wakes.difference_update((wake.aggregate.name, wake.key) for wake in dropped)
            turn = self._turns.next(self._at_once, generation)
            self._changed.notify_all()
        return turn, generation

    async def _judge(self, batch: Batch, generation: int) -> None:
        """Judges a batch to its end, in one transaction or more."""
        portions = Portions(batch)

        async def judge_portion() -> bool:
            """Whether it was judged; after a failure it is not, if another has the partitions by then."""
            if portions.failures and generation != self._reading.generation:
                return False
            self.tries += 1
            portion = portions.next()
            if self._connection is None or self._connection.is_closed():
                self._connection = await self._connect()
            portions.judged(await self._engine.process(self._connection, portion))
            return True

        async def failed(error: Exception) -> None:
            STORE.gone(self._name, of_database(error))
            portions.failed()
            await self._drop_connection()

        while portions.rest.size:
            was_judged = await retry(judge_portion, (*STORE_FAILED, StaleRow), failed, *BACK_OFF_SECONDS)
            STORE.back(self._name)
            if not was_judged:
                return
            self._emitted()
        self._adapt(batch.size, portions.loaded_bytes)
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
