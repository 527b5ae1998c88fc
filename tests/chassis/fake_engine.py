"""A worker over an engine that only keeps what it is handed: when a batch is judged, and what fails, a test decides."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.consume.reader import Record, Wake
from chassis.consume.turns import Chunk
from chassis.consume.workers import Worker
from chassis.store.engine import Batch


@dataclass
class Closing:
    """A connection that remembers whether it was thrown away."""

    closed: bool = False

    def is_closed(self) -> bool:
        return self.closed

    def terminate(self) -> None:
        self.closed = True


@dataclass
class FakeEngine:
    """An engine that keeps the batches it is handed, a gate to hold them up, and what was committed.

    The worker's consumption as well: it has a generation, and commits.
    """

    batches: list[Batch] = field(default_factory=list)
    judged: int = 0
    committed: list[tuple[list[int], int]] = field(default_factory=list)
    """(last offset of each partition, generation) of each commit."""
    connections: list[Closing] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    generation: int = 1
    notified: int = 0
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    max_records: int = 1_000
    max_bytes: int = 1_000_000
    weighs: int = 0
    has_time_for: int = 1_000_000
    """Things that are judged in one transaction; what is left of the batch is for the next."""
    job: asyncio.Task[None] | None = None
    """The worker at work, since `running`."""

    async def process(self, connection: Closing, batch: Batch) -> Batch:
        self.batches.append(batch)
        await self.gate.acquire()
        batch.loaded_bytes = self.weighs * len(batch.records)
        if self.failures:
            raise self.failures.pop(0)
        self.judged += 1
        judged, left = batch.split(self.has_time_for)
        assert judged.size
        return left

    def let(self, batches: int = 100) -> None:
        """So many batches are judged; others wait at the gate."""
        for _ in range(batches):
            self.gate.release()

    async def connect(self) -> Closing:
        self.connections.append(Closing())
        return self.connections[-1]

    async def commit(self, records: Sequence[Record], generation: int) -> None:
        self.committed.append(([record.offset for record in records], generation))

    def notify(self) -> None:
        self.notified += 1

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Worker]:
        """A worker at work."""
        engine: Any = self
        worker = Worker(engine, self.connect, self, self.notify, self.max_records, self.max_bytes)
        self.job = asyncio.create_task(worker.run())
        yield worker
        self.job.cancel()
        await asyncio.gather(self.job, return_exceptions=True)


def chunk(
    *records: Record, wakes: Sequence[Wake] = (), watermark: dict[int, datetime] | None = None, of: int = 1
) -> Chunk:
    return Chunk(records, wakes, watermark or {}, of)


async def until(reached: Callable[[], bool]) -> None:
    """Returns when the point is reached."""
    async with asyncio.timeout(30):
        while not reached():
            await asyncio.sleep(0)
