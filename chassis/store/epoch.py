"""Whether this store has gone back: restored from a backup, or a replica in its place that had lagged.

Such a store would state new events under numbers that lie below those already on the bus, and every reader would pass
them over. It begins an epoch instead, the leading part of `sequence`, and keeps what readers have heard and it does not
know (`lost_word`), until it has had the last word on each of those things itself (`settling.py`).
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from chassis.bus_access import BusAccess
from chassis.clock import Timeline
from chassis.decide.aggregate import AnyAggregate
from chassis.failures import of_bus, of_database
from chassis.publish.sequence import LAST_EPOCH, epoch_of, version_of
from chassis.retrying import retry
from chassis.store.connection import STORE_FAILED, Connection, StoreWentBack, columns, sql
from chassis.store.engine import Engine
from chassis.store.heard import Heard, Word

log = logging.getLogger("afterward.epoch")

LOCK = 4472
"""Of the processes that find a store gone back at the same time, one begins the epoch."""
TAIL = 100
"""The last records of each partition tell whether any are unknown: what is said last is what was lost."""
LONG_BEFORE = timedelta(hours=1)
"""What came to the bus so long before the last thing that the store has stated was said by this store as it is."""
NUMBERS_APART = 1_000_000_000
"""Numbers of each shard that are passed over: a relay that has slept must not take a new event for one it has sent."""
PAUSE_SECONDS = 0.5
_GONE_BACK = (
    "the database has gone back: the bus has words of ours that it does not know, or another process has found that. "
    "This one stops, to begin where the database is"
)
_BEGUN = (
    "%s: the bus, or the group, is ahead of the database: it has gone back (a backup was restored, a replica that "
    "lagged was promoted, or it is new), and epoch %s begins. The bus has %s words of ours that it does not know. What "
    "it lacks is read again; then what stands is stated anew, and what does not is taken back: see "
    "docs/operations/restored-database.md"
)

_Versions = Mapping[str, Mapping[str, int]]
"""Key → kind → the version of that row."""


class Epochs:
    """In which epoch an engine states events, and whether its store is still the one that it began with."""

    def __init__(
        self,
        engine: Engine,
        connect: Callable[[], Awaitable[Connection]],
        bus: BusAccess | str,
        at_rest: Callable[[], Awaitable[None]],
        heard: Callable[[str, BusAccess | str, Timeline], Any] | None = None,
    ) -> None:
        self._engine, self._connect, self._at_rest = engine, connect, at_rest
        self._service, self._kinds = engine.service, tuple(engine.aggregates.values())
        self._heard = partial(heard or Heard, engine.service, bus, engine.timeline)
        self._store: tuple[Any, ...] | None = None
        self._epoch = 0
        self._looking = asyncio.Lock()

    async def connect(self) -> Connection:
        """To the store that this process began with: see `same`."""
        connection = await self._connect()
        try:
            return await self.same(connection)
        except BaseException:
            connection.terminate()
            raise

    async def begin(self) -> int:
        """The store's epoch, a new one where the store has gone back. Returns once store and bus have answered."""
        return await retry(self._begin, (*STORE_FAILED, KafkaError), _not_begun, PAUSE_SECONDS)

    async def same(self, connection: Connection) -> Connection:
        """The connection, if it leads to the store that this process began with, or to one that has lost nothing.

        Raises:
            StoreWentBack: it has lost something, and the epoch has begun that this makes necessary: whoever is given
                this process's partitions when it ends states nothing in the one before. Who begins anew reads from
                where the store is.
            OSError: the bus does not say. Besides, what the store raises.
        """
        store = tuple(await connection.fetchrow(sql("name_store")))
        if store != self._store:
            async with self._looking:  # a server that was started again is looked at once, not by each connection
                if store != self._store:
                    await self._look_again(connection)
                    self._store = store
        return connection

    async def _look_again(self, connection: Connection) -> None:
        try:
            async with self._look(connection) as look:
                if await look.is_behind_the_bus() or await self._has_forgotten(connection):
                    await self._anew(connection, look)
                elif look.epoch == self._epoch:
                    return
        except KafkaError as error:
            raise OSError(f"whether the store has gone back is not known ({type(error).__name__})") from error
        raise StoreWentBack(_GONE_BACK)

    async def _has_forgotten(self, connection: Connection) -> bool:
        """Whether it has read less than it has told this process before."""
        known = dict(self._engine.read_offsets.known)  # before the store is asked: workers read on meanwhile
        read = {(row["topic"], row["partition"]): row["next_offset"] for row in await _offsets(connection)}
        return any(read.get(place, 0) < offset for place, offset in known.items())

    @asynccontextmanager
    async def _look(self, connection: Connection) -> AsyncIterator["_Look"]:
        """What the relay had read from the store as it was before is on the bus by then, or will never be."""
        await self._at_rest()
        async with self._heard() as heard:
            yield _Look(self._service, self._kinds, connection, heard)

    async def _begin(self) -> int:
        connection = await self._connect()
        try:
            async with self._look(connection) as look:
                if await look.is_behind_the_bus() or await look.is_behind_the_group():
                    await self._anew(connection, look)
                self._store = tuple(await connection.fetchrow(sql("name_store")))
                self._epoch = int(await connection.fetchval(sql("read_epoch")))
                return self._epoch
        finally:
            connection.terminate()

    async def _anew(self, connection: Connection, look: "_Look") -> None:
        """Begins an epoch, unless another process has done so while this one waited for it."""
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)  # until the connection ends
        if not (await look.is_behind_the_bus() or await look.is_behind_the_group()):
            return
        await connection.execute(sql("forget_undated"))
        before, highest = look.epoch, await look.collect()
        epoch = max(before, highest) + 1
        committed = await look.committed()
        async with connection.transaction():
            await connection.execute(sql("begin_epoch"), epoch, self._engine.timeline.now(), NUMBERS_APART)
            passed = ((one.topic, one.partition, offset) for one, offset in committed.items())
            await connection.execute(sql("pass_group"), *columns(passed, 3))
        log.warning(_BEGUN, self._service, epoch, look.lost)


class _Look:
    """One look at a store and at what the bus has of its service."""

    def __init__(self, service: str, aggregates: Sequence[AnyAggregate], connection: Connection, heard: Heard) -> None:
        self._service, self._connection, self._heard = service, connection, heard
        self._kinds = [aggregate.name for aggregate in aggregates]
        speaking = [aggregate for aggregate in aggregates if not aggregate.is_silent]
        self._speaking = sorted(speaking, key=lambda aggregate: aggregate.states is None)
        self.epoch = 0
        self.lost = 0
        """How many words were found that the store does not know."""

    async def is_behind_the_bus(self) -> bool:
        """Whether among the last words of each partition are any that this store has not stated."""
        self.epoch = int(await self._connection.fetchval(sql("read_epoch")))
        spans = await self._heard.before(await self._heard.ends(), TAIL)
        words = [word for span in spans.values() for word in span.words]
        return bool(await self._unknown(words))

    async def committed(self) -> Mapping[TopicPartition, int]:
        """How far the group has read, of what this store has read any of."""
        return await self._heard.committed(await self._limits())

    async def collect(self) -> int:
        """Keeps the last word on each thing that the store does not know; the highest epoch there is among them."""
        highest, ends = self.epoch, dict(await self._heard.ends())
        newest = await self._connection.fetchval(sql("newest_event"))
        while ends:
            spans = await self._heard.before(ends)
            ends = {}
            for partition, span in spans.items():
                unknown = await self._unknown(span.words)
                await self._keep(unknown)
                highest = max([highest, *(epoch_of(word.sequence) for word, _ in unknown)])
                if unknown or not _is_older(span.received_at, newest):
                    ends[partition] = span.begins
        return highest

    async def is_behind_the_group(self) -> bool:
        """Whether the group has read further than the store knows, and had not when the present epoch began.

        Offsets are committed after the transaction, so the store was set back. Or somebody else has read in the
        group's name: an epoch too many does no harm.
        """
        if not (places := await self._limits()):
            return False
        committed = await self._heard.committed(places)
        limits = await self._limits()  # only now: another process may have read on meanwhile, and committed that
        return any(offset > limits[partition] for partition, offset in committed.items())

    async def _limits(self) -> dict[TopicPartition, int]:
        rows = await _offsets(self._connection)
        return {TopicPartition(*row[:2]): max(row["next_offset"], row["group_offset"]) for row in rows}

    async def _unknown(self, words: Sequence[Word]) -> list[tuple[Word, str]]:
        """The words that this store has not stated, each with the kind of its row."""
        if not words:
            return []
        versions = await self._versions({word.key for word in words})
        return [
            (word, self._aggregate_of(word, versions.get(word.key, {})))
            for word in words
            if self._is_lost(word, versions)
        ]

    def _is_lost(self, word: Word, versions: _Versions) -> bool:
        """A row's version is as high as any under which it has stated anything; a row goes only by an erasure."""
        epoch = epoch_of(word.sequence)
        if epoch != self.epoch:
            return self.epoch < epoch < LAST_EPOCH
        return version_of(word.sequence) > max(versions.get(word.key, {}).values(), default=0)

    def _aggregate_of(self, word: Word, known: Mapping[str, int]) -> str:
        """The kind that has a row of this key; if none has, the one that states such an event."""
        of_rows = (one.name for one in self._speaking if one.name in known)
        stating = (one.name for one in self._speaking if one.states is None or one.states(word.type, word.key))
        return next(of_rows, None) or next(stating)

    async def _versions(self, keys: Iterable[str]) -> dict[str, dict[str, int]]:
        versions: dict[str, dict[str, int]] = {}
        for row in await self._connection.fetch(sql("read_versions"), sorted(keys), self._kinds):
            versions.setdefault(row["key"], {})[row["kind"]] = row["version"]
        return versions

    async def _keep(self, unknown: Iterable[tuple[Word, str]]) -> None:
        """Of each thing the last word; an answer to a report stays an answer, and is nothing to be settled."""
        last: dict[tuple[str, str, str], tuple[Any, ...]] = {}
        for word, aggregate in unknown:
            self.lost += 1
            if word.thing is None:
                continue
            row = aggregate, word.key, word.thing, word.partition, word.sequence, word.message
            about = row[:3]
            if about not in last or last[about][4] < word.sequence:
                last[about] = row
        if last:
            await self._connection.execute(sql("collect_lost"), *columns(last.values(), 6))


async def _not_begun(error: Exception) -> None:
    log.warning("epoch: %s; asked again", of_bus(error) if isinstance(error, KafkaError) else of_database(error))


async def _offsets(connection: Connection) -> Sequence[Any]:
    rows: Sequence[Any] = await connection.fetch(sql("read_offsets"))
    return rows


def _is_older(received_at: datetime | None, newest: datetime | None) -> bool:
    """Whether a stretch of the bus lies before all that the store might have lost."""
    return received_at is not None and newest is not None and received_at < newest - LONG_BEFORE
