"""An open loop: reports leave when they were meant to, however slow the answers are, and each answer is timed.

A latency is counted from the instant at which its report was *meant* to be sent. Whoever counts from the sending lets a
service that stands still hold back the very reports that would have waited longest.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import inf
from statistics import quantiles

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench import job
from bench.servers import Servers
from chassis.clock import monotonic
from schemas.envelope import HEADERS
from schemas.topic import PARTITIONS

_ID = re.compile(rb'"id":"([0-9a-f-]{36})"')
_CAUSE = re.compile(rb'"causationid":"([0-9a-f-]{36})"')
_POLL_SECONDS = 0.02


class Unanswered(Exception):
    """Reports that led to no event within the limit; the message says how many."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One report as a record, and the id by which its answer names it."""

    id: bytes
    key: bytes
    value: bytes


@dataclass
class Loop:
    """What was sent when, and when its first event could be read. Instants: seconds of the monotonic clock."""

    producer: AIOKafkaProducer
    consumer: AIOKafkaConsumer
    named: re.Pattern[bytes]
    """Finds in an answer the id of the report that it answers."""
    meant_at: dict[bytes, float] = field(default_factory=dict)
    answered_at: dict[bytes, float] = field(default_factory=dict)

    async def send(self, sendings: Iterable[Sending], a_second: float) -> None:
        """Sends one after the other at this rate; returns after the last."""
        begin = monotonic()
        for number, sending in enumerate(sendings):
            meant = begin + number / a_second
            if (ahead := meant - monotonic()) > 0:
                await asyncio.sleep(ahead)
            self.meant_at[sending.id] = meant
            await self.producer.send(job.REPORTS, sending.value, sending.key, headers=list(HEADERS))

    async def answered(self, limit_seconds: float) -> None:
        """Returns when every report sent so far has led to an event. Raises Unanswered."""
        deadline = monotonic() + limit_seconds
        while waiting := len(self.meant_at) - len(self.answered_at):
            if monotonic() > deadline:
                raise Unanswered(f"{waiting:,} of {len(self.meant_at):,} reports after {limit_seconds:g} s")
            await asyncio.sleep(_POLL_SECONDS)

    def latencies_ms(self, since: float = 0.0, until: float = inf) -> list[float]:
        """Of the reports meant to be sent from `since` to `until`, in the order of sending, in milliseconds."""
        meant = ((name, at) for name, at in self.meant_at.items() if since <= at < until)
        return [1_000 * (self.answered_at[name] - at) for name, at in meant]

    async def _listen(self) -> None:
        while True:
            fetched = await self.consumer.getmany(timeout_ms=1_000)
            now = monotonic()
            for records in fetched.values():
                for record in records:
                    if (cause := self.named.search(record.value or b"")) and cause[1] in self.meant_at:
                        self.answered_at.setdefault(cause[1], now)


@asynccontextmanager
async def open_loop(servers: Servers, *, bus_alone: bool = False) -> AsyncIterator[Loop]:
    """A producer of reports and a listener to what they lead to, until the block ends.

    `bus_alone`: the listener takes the report itself for its answer, which is what bus and clients need without us.
    """
    topic, named = (job.REPORTS, _ID) if bus_alone else (job.RESULTS, _CAUSE)
    producer = AIOKafkaProducer(bootstrap_servers=servers.bootstrap_servers, acks="all", linger_ms=0)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=servers.bootstrap_servers, enable_auto_commit=False, isolation_level="read_committed"
    )
    async with producer, consumer:
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        loop = Loop(producer, consumer, named)
        listening = asyncio.create_task(loop._listen())
        try:
            yield loop
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


def distinct(records: int, seed: int = 7) -> list[Sending]:
    """So many different reports of the small job, none repeated."""
    found: dict[bytes, Sending] = {}
    for key, value in job.make_load(records + records // 10, seed).records:
        if identity := _ID.search(value):
            found.setdefault(identity[1], Sending(identity[1], key.encode(), value))
    return list(found.values())[:records]


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p99 and the greatest, to a tenth."""
    cuts = quantiles(values, n=100)
    return {"p50": round(cuts[49], 1), "p99": round(cuts[98], 1), "max": round(max(values), 1)}
