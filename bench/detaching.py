"""An old partition of the archive is detached while a service writes to another: who has to wait, and how long?"""

import asyncio
from collections.abc import Mapping
from typing import Any

import asyncpg

from bench.frame import Bench
from bench.open_loop import distinct, open_loop, percentiles
from bench.servers import Servers
from chassis.clock import monotonic

APPLICATION = "services.treatment.app:app"
RATE = 500
"""Reports a second while the partition is detached."""
BEFORE_SECONDS = 5
AFTER_SECONDS = 5
ANSWERED_SECONDS = 60
OLD = "archive_2019_01"
LARGEST_ROWS = 1_000_000

_OLD_PARTITION = """
CREATE TABLE {old} PARTITION OF archive FOR VALUES FROM ('2019-01-01 00:00+00') TO ('2019-02-01 00:00+00');
INSERT INTO archive (id, recorded_at, topic, key, partition, event_id, message)
SELECT -number, '2019-01-15 00:00+00'::timestamptz + number * interval '1 millisecond', 'treatment.events.v1',
       'c' || number, number % 6, gen_random_uuid(), convert_to(rpad(number::text, 700, md5(number::text)), 'UTF8')
FROM generate_series(1, {rows}) AS number
"""


async def detached_under_load(bench: Bench, servers: Servers, dsn: str) -> Mapping[str, Any]:
    """Reports keep coming, a partition of last year goes, and the waits before and during that are compared."""
    rows = min(LARGEST_ROWS, bench.options.records)
    await servers.fresh_topics()
    connection = await asyncpg.connect(dsn, command_timeout=600)
    try:
        await connection.execute(_OLD_PARTITION.format(old=OLD, rows=rows))
        before, during, seconds = await _latencies(servers, dsn, connection)
    finally:
        await connection.close()
    bench.show(
        f"{OLD} of {rows:,} events is detached in {seconds:.2f} s, {RATE} reports a second: milliseconds",
        ["", *before],
        [("before", *before.values()), ("from then on", *during.values())],
    )
    return {"rows": rows, "seconds": round(seconds, 3), "before_ms": before, "from_then_on_ms": during}


async def _latencies(servers: Servers, dsn: str, connection: Any) -> tuple[dict[str, float], dict[str, float], float]:
    sendings = distinct(RATE * (2 * BEFORE_SECONDS + AFTER_SECONDS), seed=3)
    async with servers.service(APPLICATION, dsn) as _, open_loop(servers) as loop:
        coming = asyncio.create_task(loop.send(sendings, RATE))
        await _meant(loop.meant_at, RATE * BEFORE_SECONDS)  # warm
        warm_at = monotonic()
        await _meant(loop.meant_at, 2 * RATE * BEFORE_SECONDS)
        begun = monotonic()
        await connection.execute(f"ALTER TABLE archive DETACH PARTITION {OLD} CONCURRENTLY")
        seconds = monotonic() - begun
        await coming
        await loop.answered(ANSWERED_SECONDS)
        return percentiles(loop.latencies_ms(warm_at, begun)), percentiles(loop.latencies_ms(begun)), seconds


async def _meant(sent: Mapping[bytes, float], number: int) -> None:
    while len(sent) < number:
        await asyncio.sleep(0.01)
