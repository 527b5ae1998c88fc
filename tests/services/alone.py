"""One service without a bus: its engine on a real PostgreSQL, told by messages, moved on by hand."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.engine import Batch, Engine
from chassis.ids import partition_of
from chassis.reading import Reader, Record, Wake
from chassis.routes import Kind
from chassis.store import Connection, sql
from chassis.telemetry import Telemetry
from schemas.envelope import HEADERS, encode
from schemas.message import Message
from schemas.topics import PARTITIONS, registry
from tests.chassis.desk import judge_all

LANES = 2
AT_ONCE = 1_000


@dataclass
class Now:
    """A clock that stands where it is put."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def at(self, real: datetime) -> datetime:
        return real


@dataclass
class Alone:
    """The service, with a connection for each lane."""

    name: str
    kinds: Sequence[Kind]
    lanes: Sequence[Connection]
    clock: Now
    told: int = 0
    passes: int = 0
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        reader = Reader(self.kinds, timedelta(minutes=5))
        self.engine = Engine(self.name, self.kinds, reader, self.clock, PARTITIONS, Telemetry(self.name))

    def record(self, message: Message, sequence: int) -> Record:
        """A message as the bus has it; the same message and sequence again is the same one."""
        key: str = getattr(message, "case_id", None) or getattr(message, "institution_id")  # noqa: B009 - of no type
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
        self.told += 1
        return Record(topic.name, partition, self.told, key.encode(), value, HEADERS, self.clock.instant)

    async def tell(self, *messages: Message, first_sequence: int = 1) -> None:
        """Judges messages in one batch, numbered in their order, and whatever follows from them."""
        await self.take([self.record(message, number) for number, message in enumerate(messages, first_sequence)])
        await self.settle()

    async def take(self, records: Iterable[Record]) -> None:
        """Judges records, each lane its own partitions, side by side."""
        shares: list[list[Record]] = [[] for _ in self.lanes]
        for record in records:
            shares[record.partition % len(self.lanes)].append(record)
        await asyncio.gather(*(self._process(lane, Batch(share)) for lane, share in enumerate(shares) if share))

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
        read_to = dict.fromkeys(partitions, self.clock.instant)
        rows = await self.lanes[0].fetch(sql("find_due"), partitions, list(read_to.values()), AT_ONCE)
        kinds = self.engine.kinds
        wakes = [Wake(kinds[row["kind"]], row["key"], row["partition"], row["due"]) for row in rows]
        shares = [
            [wake for wake in wakes if wake.partition % len(self.lanes) == lane] for lane in range(len(self.lanes))
        ]
        batches = (Batch((), share, read_to) for share in shares)
        await asyncio.gather(*(self._process(lane, batch) for lane, batch in enumerate(batches) if batch.wakes))
        return bool(wakes)

    async def _process(self, lane: int, batch: Batch) -> None:
        await judge_all(self.engine, self.lanes[lane], batch)

    async def archive(self, key: str) -> list[dict[str, Any]]:
        """All that was ever said of a key, in order."""
        rows = await self.lanes[0].fetch("SELECT message FROM archive WHERE key = $1 ORDER BY id", key)
        return [json.loads(row["message"]) for row in rows]
