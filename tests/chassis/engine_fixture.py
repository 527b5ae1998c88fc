"""An engine on a real PostgreSQL, handed its batches by hand, and what came of them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from chassis.consume.reader import Reader, Record, Wake
from chassis.decide.aggregate import AnyAggregate
from chassis.ids import partition_of
from chassis.process.metrics import Metrics
from chassis.store.connection import Connection, sql
from chassis.store.engine import Batch, Engine
from chassis.store.quota import LIMITS, Limits
from schemas.envelope import HEADERS, Envelope, Headers, encode, read
from schemas.message import CaseEvent, CaseReport
from schemas.topic import PARTITIONS
from schemas.topics import registry
from tests.chassis.toy import hour
from tests.outbox import AS_WRITTEN

SERVICE = "treatment"
"""The toy goes by the name of a service that has topics, and no migrations of its own."""
MIGRATIONS = "tests.chassis"
"""The package in which the toy's own migrations lie."""
TOPIC = "treatment.reports.v1"

_offsets = count()
_ids = count(1)


def new_id() -> str:
    """The id of the next message."""
    return str(uuid.UUID(int=next(_ids), version=4))


def record(
    message: CaseReport | CaseEvent, received_hour: float | None = None, *, id: str | None = None, **attributes: Any
) -> Record:
    """A report as the bus has it, come so many hours after the toy's beginning, or else when it happened."""
    subject = attributes.pop("subject", message.case_id)
    happened = message.clinical_at if isinstance(message, CaseReport) else None
    received_at = (happened or hour(0)) if received_hour is None else hour(received_hour)
    value = encode(
        message,
        **{
            "id": id or new_id(),
            "source": "/tests",
            "subject": subject,
            "time": received_at,
            "recordedtime": received_at,
            **attributes,
        },
    )
    return raw(value, subject.encode(), received_at=received_at, topic=registry()[message.type_name()][1].name)


def raw(
    value: bytes | None,
    key: bytes | None = b"c-1",
    *,
    headers: Headers = HEADERS,
    received_at: datetime | None = None,
    topic: str = TOPIC,
) -> Record:
    """A record of any bytes."""
    partition = partition_of((key or b"").decode("latin-1"), PARTITIONS)
    return Record(topic, partition, next(_offsets), key, value, headers, received_at or hour(0))


@dataclass
class Now:
    """A clock that stands where it is put."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def at(self, real: datetime) -> datetime:
        return real


async def judge_all(engine: Engine, connection: Connection, batch: Batch) -> None:
    """Judges a batch to its end, in however many transactions."""
    while batch.size:
        batch = await engine.process(connection, batch)


class EngineFixture:
    """One service: its engine and one connection."""

    def __init__(
        self, connection: Connection, *aggregates: AnyAggregate, clock: Now | None = None, limits: Limits = LIMITS
    ) -> None:
        self.connection = connection
        self.clock = clock or Now(hour(0))
        self.reader = Reader(aggregates, timedelta(minutes=5))
        self.engine = Engine(SERVICE, aggregates, self.reader, self.clock, PARTITIONS, Metrics(SERVICE), limits)

    async def take(self, *records: Record, wakes: Sequence[Wake] = (), watermark: datetime | None = None) -> None:
        """Judges one batch; every partition has been read up to `watermark`, by default to nowhere in particular."""
        reading = dict.fromkeys(range(PARTITIONS), watermark) if watermark is not None else {}
        await judge_all(self.engine, self.connection, Batch(records, wakes, reading))

    async def until(self, instant: datetime) -> None:
        """The clock goes on, all topics are read to their end, and what is due or woken is judged until nothing is."""
        self.clock.instant = instant
        while wakes := await self.due(instant):
            await self.take(wakes=wakes, watermark=instant)

    async def due(self, watermark: datetime) -> list[Wake]:
        """The rows that are due by `watermark`, and those woken."""
        partitions = list(range(PARTITIONS))
        rows = await self.connection.fetch(sql("find_due"), partitions, [watermark] * PARTITIONS, 1_000)
        return [Wake(self.reader.aggregates[row["kind"]], row["key"], row["partition"], row["due"]) for row in rows]

    async def emitted(self) -> list[Envelope]:
        """Every event of the archive, in the order in which they were said."""
        rows = await self.connection.fetch(f"SELECT message FROM archive {AS_WRITTEN}")
        return [read(row["message"], HEADERS) for row in rows]

    async def names(self) -> list[str]:
        """The names of the events said, in order, each with its case."""
        return [f"{envelope.type.split('.')[1]} {envelope.subject}" for envelope in await self.emitted()]

    async def parked(self) -> list[tuple[str, str | None]]:
        """Why and behind which case each parked record lies, in order."""
        return [(row["reason"], row["key"]) for row in await self.connection.fetch("SELECT * FROM parked ORDER BY id")]

    async def state(self, key: str, aggregate: str = "patient") -> Any:
        """One row of `state`."""
        return await self.connection.fetchrow("SELECT * FROM state WHERE kind = $1 AND key = $2", aggregate, key)
