"""Rows that are due by the clock, rows that others have woken, and what an operator asked to be judged again."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

from chassis.clock import monotonic
from chassis.consume.reader import Record, Wake
from chassis.consume.watermarks import NEVER
from chassis.failures import of_database
from chassis.process.outages import STORE
from chassis.process.shutdown import stop
from chassis.retrying import retry
from chassis.store.connection import STORE_FAILED, Connection, StoreWentBack, sql
from chassis.store.engine import Engine
from chassis.store.unit_of_work import TICK_TOPIC

AT_ONCE = 1_000
BACK_OFF_SECONDS = 0.5

LOOK_ANYWAY_SECONDS = 1.0
"""Another process may have asked for a replay, or woken a row: only the database knows of it."""

REPLAYS_AT_ONCE = 50
"""Fewer: each brings its bytes along, up to 4 MiB."""


class Reading(Protocol):
    """How far has been read."""

    def between_fetches(self) -> tuple[Mapping[int, datetime], int]:
        """For each partition the instant up to which it has been read, and the generation for which that holds."""


class Workers(Protocol):
    """Where what is due is judged."""

    async def dispatch(
        self, records: Sequence[Record], wakes: Sequence[Wake], watermark: Mapping[int, datetime], generation: int
    ) -> None:
        """Puts each of these behind all that its worker has been handed before."""


class Timers:
    """Looks up what is due, and hands it to the workers behind all that has been read so far."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        engine: Engine,
        reading: Reading,
        workers: Workers,
        poll_ms: int,
    ) -> None:
        self._connect, self._engine, self._reading, self._workers = connect, engine, reading, workers
        self._poll_seconds = poll_ms / 1000
        self._looked: object = None
        self._judged = asyncio.Event()
        self._look_anyway_at = 0.0
        self._connection: Connection | None = None

    async def run(self) -> None:
        """Looks, for as long as the process lives."""
        try:
            while True:
                await retry(self._look_and_wait, STORE_FAILED, self._failed, BACK_OFF_SECONDS)
        except StoreWentBack as gone_back:
            stop("%s", gone_back)
        finally:
            self._let_go()

    async def _look_and_wait(self) -> None:
        self._judged.clear()
        await self.look()
        STORE.back("timers")
        with suppress(TimeoutError):
            async with asyncio.timeout(self._poll_seconds):
                await self._judged.wait()

    async def _failed(self, error: Exception) -> None:
        STORE.gone("timers", of_database(error))
        self._let_go()

    def notify(self) -> None:
        """Something was judged: it may have woken a row."""
        self._judged.set()

    async def look(self) -> None:
        """Looks once; nothing is handed on while nothing has been read."""
        reading, generation = self._reading.between_fetches()  # what is found holds for this assignment only
        watermark = {partition: at for partition, at in reading.items() if at > NEVER}
        seen = watermark, generation, self._engine.metrics.work
        if not watermark or (seen == self._looked and monotonic() < self._look_anyway_at):
            return  # the clock stands still and nothing was judged: a look would find what the last one found
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._connect()
        partitions, instants = list(watermark), list(watermark.values())
        due = await self._connection.fetch(sql("find_due"), partitions, instants, AT_ONCE)
        replays = await self._connection.fetch(sql("find_replays"), partitions, REPLAYS_AT_ONCE)
        self._looked, self._look_anyway_at = seen, monotonic() + LOOK_ANYWAY_SECONDS
        aggregates = self._engine.aggregates
        wakes = [Wake(aggregates[row["kind"]], row["key"], row["partition"], row["due"]) for row in due]
        records = [record_of(row) for row in replays if not is_tick(row)]
        wakes += [_tick(aggregates, row) for row in replays if is_tick(row)]
        if self._engine.epoch:  # before the first nothing was ever lost
            lost = await self._connection.fetch(sql("find_lost"), partitions, instants, AT_ONCE)
            wakes += [Wake(aggregates[row["kind"]], row["key"], row["partition"], settles=True) for row in lost]
        if records or wakes:
            await self._workers.dispatch(records, wakes, watermark, generation)

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


def is_tick(row: Any) -> bool:
    """Whether a parked row is a tick that raised."""
    return bool(row["topic"].startswith(TICK_TOPIC))


def record_of(row: Any) -> Record:
    """The record as it was when it was parked."""
    headers = [(name, None if value is None else bytes.fromhex(value)) for name, value in json.loads(row["headers"])]
    return Record(
        row["topic"], row["partition"], row["record_offset"], row["record_key"], row["value"], headers,
        row["received_at"], row["id"],
    )  # fmt: skip


def _tick(aggregates: Mapping[str, Any], row: Any) -> Wake:
    return Wake(aggregates[row["kind"]], row["key"], row["partition"], parked_id=row["id"])
