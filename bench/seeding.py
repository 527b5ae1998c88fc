"""Cases as a service has stored them: judged once by its own engine, then copied under other names by COPY."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from bench.courses import PATTERN, Course
from bench.servers import Servers
from chassis.consume.reader import Reader, Record
from chassis.decide.aggregate import AnyAggregate
from chassis.ids import partition_of
from chassis.process.metrics import Metrics
from chassis.store.connection import BY_KEY, connect
from chassis.store.engine import Batch, Engine
from schemas.envelope import HEADERS
from schemas.topic import PARTITIONS
from story.publication import Publication

CASE = "case"
Row = Mapping[str, Any]
"""A row of `state`, column → value."""
AT_ONCE = 20_000
"""Rows a COPY, so that a million of them need not be held in memory."""


@dataclass
class StoppedClock:
    """A clock that stands where it is put."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def at(self, real: datetime) -> datetime:
        return real


def make_engine(service: str, aggregates: Sequence[AnyAggregate], clock: StoppedClock) -> Engine:
    """A service's engine, to be handed its batches by hand."""
    reader = Reader(aggregates, timedelta(minutes=5))
    return Engine(service, aggregates, reader, clock, PARTITIONS, Metrics(service))


def record(publication: Publication, offset: int, received_at: datetime) -> Record:
    """The record as the bus has it that came at `received_at`."""
    partition = partition_of(publication.key, PARTITIONS)
    return Record(
        publication.topic, partition, offset, publication.key.encode(), publication.value, HEADERS, received_at
    )


async def judge_all(engine: Engine, connection: Any, records: Sequence[Record]) -> None:
    """Judges records in one batch, in however many transactions."""
    batch = Batch(records)
    while batch.size:
        batch = await engine.process(connection, batch)


async def judged_row(dsn: str, service: str, aggregates: Sequence[AnyAggregate], pattern: Course) -> Row:
    """The row of the pattern's case once its course has been judged, each message as of when it happened.

    What the case caused beside its row is deleted again. Raises LookupError when something was parked.
    """
    clock = StoppedClock(pattern[-1].publish_at)
    engine = make_engine(service, aggregates, clock)
    async with connected(dsn) as connection:
        records = [record(given, number, given.publish_at) for number, given in enumerate(pattern)]
        await judge_all(engine, connection, records)
        if await connection.fetchval("SELECT count(*) FROM parked"):
            raise LookupError("a message of the pattern was parked: the course is not one that its service understands")
    plain = await asyncpg.connect(dsn)
    try:
        row = await plain.fetchrow("DELETE FROM state WHERE kind = $1 AND key = $2 RETURNING *", CASE, PATTERN)
        await plain.execute("TRUNCATE archive, wakes")
    finally:
        await plain.close()
    if row is None:
        raise LookupError("nothing was learnt from the pattern")
    return dict(row)


async def store_copies(dsn: str, copies: Iterable[tuple[Row, str]]) -> None:
    """Rows as `judged_row` gave them, each under another case's name, by COPY."""
    connection = await asyncpg.connect(dsn, command_timeout=3_600)
    try:
        for chunk in _chunks(copies):
            rows = [tuple(_copy(row, case).values()) for row, case in chunk]
            await connection.copy_records_to_table("state", records=rows, columns=list(chunk[0][0]))
    finally:
        await connection.close()


async def copied(servers: Servers, seeded: str) -> str:
    """The DSN of a second database with all that the first holds. Nobody may be connected to the first."""
    name = urlsplit(seeded).path.removeprefix("/")
    admin = await asyncpg.connect(servers.postgres.dsn(), command_timeout=3_600)
    try:
        await admin.execute(f'CREATE DATABASE "{name}_copy" TEMPLATE "{name}" STRATEGY file_copy')
    finally:
        await admin.close()
    return servers.postgres.dsn(f"{name}_copy")


async def settle(dsn: str) -> None:
    """What autovacuum would do in time, done now: vacuumed, analysed, and written out."""
    connection = await asyncpg.connect(dsn, command_timeout=3_600)
    try:
        await connection.execute("VACUUM (ANALYZE) state")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Any]:
    """A connection as a service makes it."""
    connection = await connect(dsn, statement_timeout_seconds=600, **BY_KEY)
    try:
        yield connection
    finally:
        await connection.close()


def _copy(row: Row, case: str) -> dict[str, Any]:
    document: Any = row["document"]
    old, new = (PATTERN, case) if isinstance(document, str) else (PATTERN.encode(), case.encode())
    named = {"key": case, "partition": partition_of(case, PARTITIONS), "document": document.replace(old, new)}
    return {**row, **named}


def _chunks(copies: Iterable[tuple[Row, str]]) -> Iterator[list[tuple[Row, str]]]:
    chunk: list[tuple[Row, str]] = []
    for copy in copies:
        chunk.append(copy)
        if len(chunk) == AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
