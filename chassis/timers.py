"""Rows that are due by the clock, rows that others have woken, and what an operator asked to be judged again.

They are looked for when there is something to be found: when an instant is reached for which a row waits, as this
process saved it or saw it at its last look; when a row was woken; when partitions were given to it; and at a slow,
regular pace for what other processes have written.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
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
from chassis.store.ahead import Ahead
from chassis.store.connection import STORE_FAILED, Connection, StoreWentBack, sql
from chassis.store.engine import Engine
from chassis.store.unit_of_work import TICK_TOPIC

AT_ONCE = 2_000
"""Rows of one look. The next look follows when half of them have been judged, so the workers never run dry."""
BACK_OFF_SECONDS = 0.5

LOOK_ANYWAY_SECONDS = 1.0
"""Another process may have asked for a replay, woken a row, or saved one: only the database knows of it."""

REPLAYS_AT_ONCE = 50
"""Fewer: each brings its bytes along, up to 4 MiB."""


class Reading(Protocol):
    """How far has been read."""

    @property
    def generation(self) -> int:
        """Another one after each change of the assignment."""

    def between_fetches(self) -> tuple[Mapping[int, datetime], int]:
        """For each partition the instant up to which it has been read, and the generation for which that holds."""


class Workers(Protocol):
    """Where what is due is judged."""

    async def dispatch(
        self, records: Sequence[Record], wakes: Sequence[Wake], watermark: Mapping[int, datetime], generation: int
    ) -> None:
        """Puts each of these behind all that its worker has been handed before."""

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing is being judged."""

    @property
    def woken(self) -> int:
        """Rows that were handed over to be woken, and are not judged yet."""


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
        self._looked_at: tuple[int, Collection[int]] | None = None
        """The assignment and the partitions at the last look; None where it came to no end."""
        self._may_wait = False
        """Whether all partitions had been read by then, to whatever instant."""
        self._left = Ahead()
        """What that look has left: the instants behind how far had been read."""
        self._found = self._replays = 0
        """Rows that it found, and things that were to be judged again."""
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
        if self._may_be_time():
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
        """Looks once, if there may be something to be found; never while nothing has been read."""
        reading, generation = self._reading.between_fetches()  # what is found holds for this assignment only
        watermark = {partition: at for partition, at in reading.items() if at > NEVER}
        looks_at = generation, frozenset(watermark)
        if not watermark or not (looks_at != self._looked_at or self._may_find(watermark)):
            return
        self._looked_at = None
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._connect()
        self._engine.ahead.take()
        await self._look(self._connection, watermark, generation)
        self._looked_at, self._may_wait = looks_at, len(watermark) == len(reading)

    def _may_be_time(self) -> bool:
        """Asked often, and answered without a look at how far each partition has been read."""
        if self._looked_at is None or self._looked_at[0] != self._reading.generation or not self._may_wait:
            return True
        now = self._engine.timeline.now()
        ahead = self._engine.ahead.may_have_come(now) or self._left.may_have_come(now)
        return ahead or self._is_to_look_again()

    def _may_find(self, watermark: Mapping[int, datetime]) -> bool:
        ahead = self._engine.ahead.has_come(watermark) or self._left.has_come(watermark)
        return ahead or self._is_to_look_again()

    def _is_to_look_again(self) -> bool:
        """It is time; or the last look left some; or what it found is judged, and may have been woken meanwhile."""
        if monotonic() >= self._look_anyway_at or (self._replays and self._workers.idle):
            return True
        return self._found > 0 and self._workers.woken <= (AT_ONCE // 2 if self._found >= AT_ONCE else 0)

    async def _look(self, connection: Connection, watermark: Mapping[int, datetime], generation: int) -> None:
        partitions, instants = list(watermark), list(watermark.values())
        due = await connection.fetch(sql("find_due"), partitions, instants, AT_ONCE)
        replays = await connection.fetch(sql("find_replays"), partitions, REPLAYS_AT_ONCE)
        following = await connection.fetch(sql("next_due"), partitions, instants)
        aggregates = self._engine.aggregates
        wakes = [Wake(aggregates[row["kind"]], row["key"], row["partition"], row["due"]) for row in due]
        records = [record_of(row) for row in replays if not is_tick(row)]
        wakes += [_tick(aggregates, row) for row in replays if is_tick(row)]
        lost: Sequence[Any] = ()
        if self._engine.epoch:  # before the first nothing was ever lost
            lost = await connection.fetch(sql("find_lost"), partitions, instants, AT_ONCE)
            wakes += [Wake(aggregates[row["kind"]], row["key"], row["partition"], settles=True) for row in lost]
        self._left = Ahead()
        for row in following:
            self._left.wait(row["partition"], row["due"])
        self._found, self._replays = max(len(due), len(lost)), len(replays)
        self._look_anyway_at = monotonic() + LOOK_ANYWAY_SECONDS
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
