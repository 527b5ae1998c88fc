"""Memory and disk: flat over many messages, what an event weighs, and an old archive partition that goes in peace."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import linear_regression
from typing import Any

import asyncpg

from bench import job
from bench.detaching import detached_under_load
from bench.frame import Bench
from bench.loads import slices
from bench.machine import Spent
from bench.memory import MIB, resident
from bench.progress import Begun, count
from bench.servers import Process, Servers
from chassis.clock import monotonic

TITLE = "Memory and disk"

APPLICATION = "services.treatment.app:app"
FULL_MESSAGES = 1_000_000
FLAT_BELOW_MIB_A_MILLION = 10
"""What grows by less over a million messages is flat: a sample swings by as much."""
LOOK_SECONDS = 0.25
LIMIT_SECONDS = 3_600


async def run(bench: Bench) -> Mapping[str, Any]:
    """The sections `memory`, `disk` and `detaching`."""
    messages = FULL_MESSAGES if bench.options.full else 3 * bench.options.records
    async with bench.servers() as servers:
        dsn = await servers.fresh_database("treatment")
        grown, spent = await _fed(servers, dsn, messages)
        disk = await _disk(dsn)
        detaching = await detached_under_load(bench, servers, dsn)
    bench.show(
        f"treatment over {messages:,} messages",
        ["peak MiB", "MiB at the middle", "MiB at the end", "MiB a million messages"],
        [(grown.peak_mib, grown.at(0.5), grown.at(1.0), grown.slope)],
    )
    bench.show("bytes in the database", ["table", "a million events, MB"], [(k, v) for k, v in disk.items()])
    return {
        "memory": {
            "messages": messages,
            "peak_rss_mib": round(grown.peak_mib),
            "mib_a_million_messages": round(grown.slope, 1),
            "flat": grown.slope < FLAT_BELOW_MIB_A_MILLION,
            **spent.figures(messages),
        },
        "disk_mb_a_million_events": disk,
        "detaching": detaching,
    }


@dataclass(frozen=True, slots=True)
class Growth:
    """Resident memory as messages were judged: (messages, bytes), in order."""

    samples: Sequence[tuple[int, int]]

    @property
    def peak_mib(self) -> float:
        """The most that was seen."""
        return max(size for _, size in self.samples) / MIB

    @property
    def slope(self) -> float:
        """MiB a million messages, over the second half: in the first, caches fill."""
        half = self.samples[len(self.samples) // 2 :]
        line = linear_regression([messages for messages, _ in half], [size for _, size in half])
        return line.slope * 1_000_000 / MIB

    def at(self, share: float) -> float:
        """MiB when this share of the messages had been judged."""
        wanted = share * self.samples[-1][0]
        return next(size for messages, size in self.samples if messages >= wanted) / MIB


async def _fed(servers: Servers, dsn: str, messages: int) -> tuple[Growth, Spent]:
    await servers.fresh_topics()
    for part in slices(messages):
        await servers.load(job.REPORTS, part)
    async with servers.service(APPLICATION, dsn) as process:
        begun = await Begun.now([process])
        growth = Growth(await _sampled(process, messages))
        return growth, begun.pace([await count(process)]).spent


async def _sampled(process: Process, messages: int) -> list[tuple[int, int]]:
    samples: list[tuple[int, int]] = []
    deadline = monotonic() + LIMIT_SECONDS
    while True:
        now = await count(process)
        samples.append((now.records, resident(process.pid)))
        if now.records >= messages and now.published >= now.emitted:
            return samples
        if monotonic() > deadline:
            raise TimeoutError(f"{now} of {messages:,} messages after {LIMIT_SECONDS} s")
        await asyncio.sleep(LOOK_SECONDS)


async def _disk(dsn: str) -> dict[str, float]:
    """Table → megabytes a million events, with indexes and whatever autovacuum has left."""
    connection = await asyncpg.connect(dsn, command_timeout=600)
    try:
        events = await connection.fetchval("SELECT count(*) FROM archive")
        rows = await connection.fetch(_SIZES)
    finally:
        await connection.close()
    return {row["name"]: round(row["bytes"] / events, 1) for row in rows}


_SIZES = """
SELECT coalesce(parent.relname, class.relname) AS name, sum(pg_total_relation_size(class.oid))::bigint AS bytes
FROM pg_class class
LEFT JOIN pg_inherits ON inhrelid = class.oid
LEFT JOIN pg_class parent ON parent.oid = inhparent
WHERE class.relkind = 'r' AND coalesce(parent.relname, class.relname) IN ('archive', 'shard_sent', 'state')
GROUP BY 1 ORDER BY 1
"""
