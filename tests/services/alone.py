"""One service without a bus: its engine on a real PostgreSQL, told by messages, moved on by hand."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.consume.reader import Reader, Record, Wake
from chassis.decide.aggregate import AnyAggregate
from chassis.ids import partition_of
from chassis.process.metrics import Metrics
from chassis.store.connection import Connection, sql
from chassis.store.engine import Batch, Engine
from schemas.envelope import HEADERS, encode
from schemas.message import Message
from schemas.topic import PARTITIONS
from schemas.topics import registry
from tests.chassis.engine_fixture import Now, judge_all

WORKERS = 2
AT_ONCE = 1_000


@dataclass
class Alone:
    """The service, with a connection for each worker."""

    name: str
    aggregates: Sequence[AnyAggregate]
    workers: Sequence[Connection]
    clock: Now
    given: int = 0
    passes: int = 0
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        reader = Reader(self.aggregates, timedelta(minutes=5))
        self.engine = Engine(self.name, self.aggregates, reader, self.clock, PARTITIONS, Metrics(self.name))

    def record(self, message: Message, sequence: int) -> Record:
        """A message as the bus has it; the same message and sequence again is the same one."""
        names = ("prescription_id", "consultation_id", "channel_id", "case_id", "institution_id", "about")
        key: str = next(value for name in names if (value := getattr(message, name, None)))
        topic, partition = registry()[message.type_name()][1], partition_of(key, PARTITIONS)
        value = encode(
            message,
            id=str(UUID(int=sequence << 64 | partition_of(key + message.type_name(), 1 << 31))),
            source=f"/services/{topic.producer}",
            subject=key,
            time=self.clock.instant,
            recordedtime=self.clock.instant,
            sequence=sequence,
        )
        self.given += 1
        return Record(topic.name, partition, self.given, key.encode(), value, HEADERS, self.clock.instant)

    async def tell(self, *messages: Message, first_sequence: int = 1) -> None:
        """Judges messages in one batch, numbered in their order, and whatever follows from them."""
        await self.take([self.record(message, number) for number, message in enumerate(messages, first_sequence)])
        await self.settle()

    async def take(self, records: Iterable[Record]) -> None:
        """Judges records, each worker its own partitions, side by side."""
        shares: list[list[Record]] = [[] for _ in self.workers]
        for record in records:
            shares[record.partition % len(self.workers)].append(record)
        await asyncio.gather(*(self._process(worker, Batch(share)) for worker, share in enumerate(shares) if share))

    async def until(self, instant: datetime) -> None:
        """The clock goes on to `instant`, day by day, as nights without anybody at the console do."""
        while self.clock.instant < instant:
            self.clock.instant = min(instant, self.clock.instant + timedelta(hours=12))
            await self.settle()

    async def settle(self) -> None:
        """Judges what is due or woken until nothing is."""
        while await self.look():
            self.passes += 1

    async def look(self) -> bool:
        """One look at what is due or woken; whether there was anything."""
        partitions = list(range(PARTITIONS))
        watermark = dict.fromkeys(partitions, self.clock.instant)
        rows = await self.workers[0].fetch(sql("find_due"), partitions, list(watermark.values()), AT_ONCE)
        aggregates = self.engine.aggregates
        wakes = [Wake(aggregates[row["kind"]], row["key"], row["partition"], row["due"]) for row in rows]
        shares = [
            [wake for wake in wakes if wake.partition % len(self.workers) == worker]
            for worker in range(len(self.workers))
        ]
        batches = (Batch((), share, watermark) for share in shares)
        await asyncio.gather(*(self._process(worker, batch) for worker, batch in enumerate(batches) if batch.wakes))
        return bool(wakes)

    async def wake_together(self, aggregate: str, *keys: tuple[str, datetime | None]) -> None:
        """One batch of wakes and ticks: (key, the `due` that a look found, None for a wake)."""
        partitions = [partition_of(key, PARTITIONS) for key, _ in keys]
        wakes = [
            Wake(self.engine.aggregates[aggregate], key, p, due) for p, (key, due) in zip(partitions, keys, strict=True)
        ]
        await self._process(0, Batch((), wakes, dict.fromkeys(range(PARTITIONS), self.clock.instant)))

    async def _process(self, worker: int, batch: Batch) -> None:
        await judge_all(self.engine, self.workers[worker], batch)

    async def archive(self, key: str) -> list[dict[str, Any]]:
        """All that was ever said of a key, in order."""
        rows = await self.workers[0].fetch("SELECT message FROM archive WHERE key = $1 ORDER BY id", key)
        return [json.loads(row["message"]) for row in rows]
