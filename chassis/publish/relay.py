"""Archive → bus, in order for each case: one owner a shard, whole batches, nothing forgotten before the bus has it."""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from chassis.bus_access import BusAccess, options_of
from chassis.clock import monotonic
from chassis.consume.library_internals import cut_off
from chassis.failures import of_bus, of_database
from chassis.process.metrics import Metrics
from chassis.process.outages import BUS, STORE, Outage
from chassis.publish.fresh import Fresh, Unsent
from chassis.publish.positions import Positions
from chassis.retrying import retry
from chassis.store.connection import STORE_FAILED, Connection, columns, sql
from schemas.envelope import HEADERS

log = logging.getLogger("afterward.relay")

ROWS_A_SHARD = 1_000
BATCH_BYTES = 900 * 1024
LOCK_CLASS = 4471
"""First key of the advisory locks that make one relay the owner of a shard."""
POLL_SECONDS = 0.5
"""How often it looks into the store: for what other processes have stated, and for what is to be said again."""
ACKNOWLEDGE_SECONDS = 0.05
"""While there is always more to send, the store is told of it so often."""
BACK_OFF_SECONDS = 0.5
END_SECONDS = 5
"""For what a producer has in hand; what it does not get away is sent again."""


class Relay:
    """Publishes the events of the shards that this process owns: what was just committed from memory, all else from the
    store. What another process commits, or was committed before this one owned the shard, is missing in memory: its
    numbers tell.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        make_producer: Callable[[], AIOKafkaProducer],
        shards: Callable[[], Sequence[int]],
        fresh: Fresh,
        send_timeout_seconds: float,
        metrics: Metrics,
    ) -> None:
        self._connect, self._make_producer, self._shards = connect, make_producer, shards
        self._fresh = fresh
        self._send_timeout_seconds = send_timeout_seconds
        self._metrics = metrics
        self._ready = asyncio.Event()
        self._connection: Connection | None = None
        self._producer: AIOKafkaProducer | None = None
        self._wanted: set[int] = set()
        self._owned: set[int] = set()
        self._positions = Positions()
        self._looked_at = self._acknowledged_at = float("-inf")
        self._sent: set[tuple[int, int]] = set()
        """Shard and number of what the bus has acknowledged of the events at hand."""
        self._is_sending = False
        self._at_rest = asyncio.Event()
        self._at_rest.set()

    def notify(self) -> None:
        """Something has been committed."""
        self._ready.set()

    async def at_rest(self) -> None:
        """Returns once all that had been handed over, or read from the store, when this was asked is on the bus, or
        given up.
        """
        if self._fresh:
            self._at_rest.clear()
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
        await self._look_now_and_then(connection)
        self._ready.clear()
        events = await self._next(connection)
        if events:
            self._at_rest.clear()
            self._is_sending = True
            with self._metrics.timed("publish"):
                await self._send(producer, events)
            self._is_sending = False
            BUS.back("relay")
            self._rest()
        elif self._positions.claims:
            await self._acknowledge(connection)
        else:
            self._rest()
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._ready.wait()

    async def _connected(self) -> tuple[Connection, AIOKafkaProducer]:
        self._is_sending = False
        if self._connection is None or self._connection.is_closed():
            self._forget()
            self._connection = await self._connect()
        if self._producer is None:
            self._is_sending = True
            self._producer = self._make_producer()
            async with asyncio.timeout(self._send_timeout_seconds):
                await self._producer.start()
            BUS.back("relay")
        self._is_sending = False
        return self._connection, self._producer

    async def _look_now_and_then(self, connection: Connection) -> None:
        """Tells the store what the bus has; asks it for shards that are to be owned, and how each of them stands."""
        now, wanted = monotonic(), set(self._shards())
        if now - self._looked_at >= POLL_SECONDS or wanted != self._wanted:
            await self._acknowledge(connection)
            await self._own(connection, wanted)
            owned = sorted(self._owned)
            self._positions.found(await connection.fetch(sql("read_shards"), owned) if owned else ())
            self._wanted, self._looked_at = wanted, now
            STORE.back("relay")
        elif now - self._acknowledged_at >= ACKNOWLEDGE_SECONDS:
            await self._acknowledge(connection)

    async def _own(self, connection: Connection, wanted: set[int]) -> None:
        for shard in self._owned - wanted:
            await connection.execute("SELECT pg_advisory_unlock($1, $2)", LOCK_CLASS, shard)
            self._owned.discard(shard)
        for shard in sorted(wanted - self._owned):
            if await connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", LOCK_CLASS, shard):
                self._owned.add(shard)
        self._positions.lose_but(self._owned)
        self._fresh.keep(self._owned)

    async def _next(self, connection: Connection) -> list[Unsent]:
        """The next events of each shard: those in memory that follow on what was sent, or else what the store has."""
        events: list[Unsent] = []
        behind: dict[int, int] = {}
        for shard in self._positions:
            position = self._positions[shard]
            found = self._fresh.take(shard, position.sent, ROWS_A_SHARD)
            events += found
            if not found and (position.behind or self._fresh.lacks(shard)):
                behind[shard] = position.sent
                self._fresh.read_from_store(shard)
        if behind:
            rows = await connection.fetch(sql("read_unsent"), list(behind), list(behind.values()), ROWS_A_SHARD)
            found_of = Counter(row["shard"] for row in rows)
            for shard in behind:
                self._positions[shard].behind = found_of[shard] == ROWS_A_SHARD
            events += [Unsent(*row) for row in rows]
        return events

    async def _send(self, producer: AIOKafkaProducer, events: Sequence[Unsent]) -> None:
        """One batch for each partition of each topic, side by side; nothing later of a partition before it is there."""
        lines: dict[tuple[str, int], list[Unsent]] = defaultdict(list)
        for event in events:
            lines[event.topic, event.shard].append(event)
        self._sent.clear()
        try:
            async with asyncio.timeout(self._send_timeout_seconds):
                ends = await asyncio.gather(
                    *(self._send_line(producer, topic, partition, line) for (topic, partition), line in lines.items()),
                    return_exceptions=True,
                )
        finally:
            self._positions.note(events, self._sent)
        for end in ends:
            if end is not None:
                raise end

    async def _send_line(self, producer: AIOKafkaProducer, topic: str, partition: int, line: Sequence[Unsent]) -> None:
        for first in _batches(line):
            batch = producer.create_batch()
            for event in first:
                given = {"key": event.key.encode(), "value": event.message, "headers": list(HEADERS)}
                if batch.append(timestamp=None, **given) is None:
                    raise ValueError(f"an event of {len(event.message)} bytes does not fit a batch")
            acknowledged = await producer.send_batch(batch, topic, partition=partition)
            await acknowledged
            self._sent.update((event.shard, event.id) for event in first)

    async def _acknowledge(self, connection: Connection) -> None:
        """Tells the store what the bus has. Where another has sent the same, the newest may lie before it on the bus:
        whoever owns the shard says all of it again, in order.
        """
        self._acknowledged_at = monotonic()
        claims = self._positions.claims
        if not claims:
            return
        given = ((shard, one.after, one.upto, one.asked, one.gap) for shard, one in sorted(claims.items()))
        rows = await connection.fetch(sql("acknowledge"), *columns(given, 5))
        new, late = self._positions.acknowledged(rows)
        self._metrics.published.inc(new)
        if late:
            log.warning("relay: another owner had sent events of shards %s; from there on all is said again", late)
        if len(rows) < len(claims):
            self._looked_at = float("-inf")

    def _rest(self) -> None:
        if not self._fresh:
            self._at_rest.set()

    def _forget(self) -> None:
        """It owns nothing, and what is in memory may be of a store that is gone: all is read anew."""
        self._owned.clear()
        self._positions.lose()
        self._fresh.keep(())
        self._looked_at = float("-inf")

    async def _let_go(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await end_producer(producer)
        connection, self._connection = self._connection, None
        self._forget()
        self._at_rest.set()
        if connection is not None:
            with suppress(Exception):
                connection.terminate()


async def end_producer(producer: AIOKafkaProducer) -> None:
    """Ends a producer. One whose broker is gone would flush for ever, and might still write behind our back."""
    try:
        async with asyncio.timeout(END_SECONDS):
            await producer.flush()
    except Exception:  # whatever it is, the store knows what was not acknowledged
        await cut_off(producer)
    with suppress(Exception):
        async with asyncio.timeout(END_SECONDS):
            await producer.stop()


def _batches(line: Sequence[Unsent]) -> Iterable[Sequence[Unsent]]:
    """Slices of a line, each small enough for one batch."""
    batch: list[Unsent] = []
    size = 0
    for row in line:
        weight = row.weight + len(row.key)
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
