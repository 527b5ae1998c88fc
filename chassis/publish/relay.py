"""Outbox → bus, in order for each case: one owner a shard, whole batches, nothing forgotten before the bus has it."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from chassis.bus_access import BusAccess, options_of
from chassis.consume.library_internals import cut_off
from chassis.failures import of_bus, of_database
from chassis.process.metrics import Metrics
from chassis.process.outages import BUS, STORE, Outage
from chassis.retrying import retry
from chassis.store.connection import STORE_FAILED, Connection, columns, sql
from schemas.envelope import HEADERS

log = logging.getLogger("afterward.relay")

ROWS_A_SHARD = 1_000
BATCH_BYTES = 900 * 1024
LOCK_CLASS = 4471
"""First key of the advisory locks that make one relay the owner of a shard."""
POLL_SECONDS = 0.5
BACK_OFF_SECONDS = 0.5
END_SECONDS = 5
"""For what a producer has in hand; what it does not get away stays in the outbox."""


class Unsent(NamedTuple):
    """An event of the archive that the bus has not acknowledged."""

    shard: int
    id: int
    topic: str
    key: str
    partition: int
    message: bytes
    recorded_at: datetime


class Relay:
    """Publishes what the outbox names for the shards that this process owns."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        make_producer: Callable[[], AIOKafkaProducer],
        shards: Callable[[], Sequence[int]],
        send_timeout_seconds: float,
        metrics: Metrics,
    ) -> None:
        self._connect, self._make_producer, self._shards = connect, make_producer, shards
        self._send_timeout_seconds = send_timeout_seconds
        self._metrics = metrics
        self._ready = asyncio.Event()
        self._connection: Connection | None = None
        self._producer: AIOKafkaProducer | None = None
        self._owned: set[int] = set()
        self._sent: list[Unsent] = []
        self._is_sending = False
        self._at_rest = asyncio.Event()
        self._at_rest.set()

    def notify(self) -> None:
        """Something has been committed to the outbox."""
        self._ready.set()

    async def at_rest(self) -> None:
        """Returns once all that had been read from the store when this was asked is on the bus, or given up."""
        await self._at_rest.wait()

    async def run(self) -> None:
        """Sends what there is, for as long as the process lives; whatever fails is done again."""
        try:
            while True:
                await retry(self._send_all, (*STORE_FAILED, KafkaError), self._failed, BACK_OFF_SECONDS)
        finally:
            await self._let_go()

    async def _failed(self, error: Exception) -> None:
        outage = self._outage(error)
        outage.gone("relay", of_bus(error) if outage is BUS else of_database(error))
        await self._let_go()

    def _outage(self, error: Exception) -> Outage:
        """Whose fault it is: a deadline that passes while a producer is at work is the bus's."""
        return BUS if isinstance(error, KafkaError) or self._is_sending else STORE

    async def _send_all(self) -> None:
        connection, producer = await self._connected()
        await self._acknowledge(connection)
        self._ready.clear()
        await self._own(connection)
        STORE.back("relay")
        self._at_rest.clear()
        rows = await connection.fetch(sql("read_outbox"), sorted(self._owned), ROWS_A_SHARD)
        if rows:
            self._is_sending = True
            with self._metrics.timed("publish"):
                await self._send(producer, [Unsent(*row) for row in rows])
            self._is_sending = False
            self._at_rest.set()
            BUS.back("relay")
            await self._acknowledge(connection)
            return
        self._at_rest.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._ready.wait()

    async def _connected(self) -> tuple[Connection, AIOKafkaProducer]:
        self._is_sending = False
        if self._connection is None or self._connection.is_closed():
            self._owned.clear()
            self._connection = await self._connect()
        if self._producer is None:
            self._is_sending = True
            self._producer = self._make_producer()
            async with asyncio.timeout(self._send_timeout_seconds):
                await self._producer.start()
            BUS.back("relay")
        self._is_sending = False
        return self._connection, self._producer

    async def _own(self, connection: Connection) -> None:
        wanted = set(self._shards())
        for shard in self._owned - wanted:
            await connection.execute("SELECT pg_advisory_unlock($1, $2)", LOCK_CLASS, shard)
            self._owned.discard(shard)
        for shard in wanted - self._owned:
            if await connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", LOCK_CLASS, shard):
                self._owned.add(shard)

    async def _send(self, producer: AIOKafkaProducer, rows: Iterable[Unsent]) -> None:
        """One batch for each partition of each topic, side by side; nothing later of a partition before it is there."""
        lines: dict[tuple[str, int], list[Unsent]] = defaultdict(list)
        for row in rows:
            lines[row.topic, row.partition].append(row)
        async with asyncio.timeout(self._send_timeout_seconds):
            ends = await asyncio.gather(
                *(self._send_line(producer, topic, partition, line) for (topic, partition), line in lines.items()),
                return_exceptions=True,
            )
        for end in ends:
            if end is not None:
                raise end

    async def _send_line(self, producer: AIOKafkaProducer, topic: str, partition: int, line: Sequence[Unsent]) -> None:
        for first in _batches(line):
            batch = producer.create_batch()
            for row in first:
                appended = batch.append(key=row.key.encode(), value=row.message, timestamp=None, headers=list(HEADERS))
                if appended is None:
                    raise ValueError(f"an event of {len(row.message)} bytes does not fit a batch")
            acknowledged = await producer.send_batch(batch, topic, partition=partition)
            await acknowledged
            self._sent.extend(first)

    async def _acknowledge(self, connection: Connection) -> None:
        """Deletes what the bus has; rows that are gone already were sent by another, so the newest is said again."""
        if not self._sent:
            return
        gone = await connection.fetch(sql("acknowledge"), *columns(((row.shard, row.id) for row in self._sent), 2))
        self._metrics.published.inc(len(gone))
        deleted = {row["id"] for row in gone}
        late = [row for row in self._sent if row.id not in deleted]
        if late:
            log.warning("relay: %s events had been sent by another owner; the newest are said again", len(late))
            since = min(row.recorded_at for row in late)
            await connection.execute(
                sql("republish_newest"), *columns(((row.topic, row.key) for row in late), 2), since
            )
        self._sent.clear()

    async def _let_go(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await end_producer(producer)
        self._at_rest.set()
        connection, self._connection = self._connection, None
        self._owned.clear()
        if connection is not None:
            with suppress(Exception):
                connection.terminate()


async def end_producer(producer: AIOKafkaProducer) -> None:
    """Ends a producer. One whose broker is gone would flush for ever, and might still write behind our back."""
    try:
        async with asyncio.timeout(END_SECONDS):
            await producer.flush()
    except Exception:  # whatever it is, the rows are still in the outbox
        await cut_off(producer)
    with suppress(Exception):
        async with asyncio.timeout(END_SECONDS):
            await producer.stop()


def _batches(line: Sequence[Unsent]) -> Iterable[Sequence[Unsent]]:
    """Slices of a line, each small enough for one batch."""
    batch: list[Unsent] = []
    size = 0
    for row in line:
        weight = len(row.message) + len(row.key) + 256
        if batch and size + weight > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += weight
    if batch:
        yield batch


def make_producer(bus: BusAccess | str, idempotent: bool) -> AIOKafkaProducer:
    """A producer that waits for all replicas; idempotent wherever the broker can."""
    return AIOKafkaProducer(
        **options_of(bus),
        acks="all",
        enable_idempotence=idempotent,
        max_batch_size=BATCH_BYTES + 64 * 1024,
        max_request_size=BATCH_BYTES + 96 * 1024,
        request_timeout_ms=20_000,
    )
