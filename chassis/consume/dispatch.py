"""What was fetched, and what is due by the clock, goes to the worker that owns its partition."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any

from chassis.consume.reader import Record, Wake
from chassis.consume.turns import Chunk
from chassis.consume.workers import Worker


class Workers:
    """The workers of a process. A partition has the same one for all topics, so a case is judged in one place."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._workers = workers

    async def dispatch(
        self, records: Sequence[Record], wakes: Sequence[Wake], watermark: Mapping[int, datetime], generation: int
    ) -> None:
        """Puts each of these behind all that its worker has been handed before; waits while a worker has too much.

        `watermark` holds once they have been judged.
        """
        chunks: list[tuple[list[Record], list[Wake]]] = [([], []) for _ in self._workers]
        for record in records:
            chunks[self._number(record.partition)][0].append(record)
        for wake in wakes:
            chunks[self._number(wake.partition)][1].append(wake)
        for worker, (mine, woken) in zip(self._workers, chunks, strict=True):
            if mine or woken:
                await worker.put(Chunk(mine, woken, watermark, generation))

    def _number(self, partition: int) -> int:
        return partition % len(self._workers)

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing is being judged."""
        return all(worker.idle for worker in self._workers)

    @property
    def woken(self) -> int:
        """Rows that are to be woken, and are not judged yet."""
        return sum(worker.woken for worker in self._workers)

    @property
    def tries(self) -> int:
        """Transactions begun, those that were begun again included."""
        return sum(worker.tries for worker in self._workers)

    async def settled(self) -> None:
        """Returns when the batches at hand are committed, their offsets too; what waits is not waited for."""
        await asyncio.gather(*(worker.settled() for worker in self._workers))

    def jobs(self) -> list[Coroutine[Any, Any, None]]:
        """Each judges what comes to it, for as long as the process lives."""
        return [worker.run() for worker in self._workers]
