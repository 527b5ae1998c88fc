"""The straightforward subscriber: FastStream, one PostgreSQL transaction a message with inbox, state and outbox.

Ready for `faststream run bench.peers.faststream_rows:app`; its settings are environment variables.
"""

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage

from bench.first import first_record
from bench.peers.counting import result

SERVERS, REPORTS, RESULTS = (os.environ[f"BENCH_{name}"] for name in ("SERVERS", "REPORTS", "RESULTS"))
DSN, WORKERS = os.environ["BENCH_DSN"], int(os.environ["BENCH_WORKERS"])
RELAYED_AT_ONCE = 500
RELAY_PAUSE_SECONDS = 0.02

TABLES = """
CREATE TABLE inbox (id uuid PRIMARY KEY);
CREATE TABLE state (case_id text PRIMARY KEY, negatives integer NOT NULL, version integer NOT NULL);
CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL, value text NOT NULL);
"""
REMEMBER = "INSERT INTO inbox (id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING true"
COUNT = """
INSERT INTO state AS known (case_id, negatives, version) VALUES ($1, $2, 1)
ON CONFLICT (case_id) DO UPDATE SET negatives = CASE $2 WHEN 0 THEN 0 ELSE known.negatives + 1 END,
                                    version = known.version + 1
RETURNING negatives, version
"""

broker = KafkaBroker(SERVERS, acks="all", enable_idempotence=True, log_level=logging.DEBUG)  # else two lines a message
pools: list[asyncpg.Pool] = []


async def decode(message: KafkaMessage) -> Any:
    """FastStream leaves a body alone whose content type it does not know: application/cloudevents+json."""
    return json.loads(message.body)


@broker.subscriber(
    REPORTS,
    group_id=os.environ["BENCH_GROUP"],
    auto_offset_reset="earliest",
    ack_policy=AckPolicy.NACK_ON_ERROR,
    max_workers=WORKERS,
    decoder=decode,
)
async def count(report: dict[str, Any]) -> None:
    """One message, one transaction."""
    first_record()
    async with pools[0].acquire() as connection, connection.transaction():
        if not await connection.fetchval(REMEMBER, report["id"]):
            return
        negative = int(report["data"]["result"] == "not_detected")
        [(negatives, version)] = await connection.fetch(COUNT, report["subject"], negative)
        emitted = json.dumps(result(report, negatives, version), separators=(",", ":"))
        await connection.execute("INSERT INTO outbox (key, value) VALUES ($1, $2)", report["subject"], emitted)


async def relay() -> None:
    """Publishes what the outbox holds, in order, and deletes it once the bus has it."""
    while True:
        rows = await pools[0].fetch("SELECT id, key, value FROM outbox ORDER BY id LIMIT $1", RELAYED_AT_ONCE)
        sent = [
            await broker.publish(row["value"].encode(), RESULTS, key=row["key"].encode(), no_confirm=True)
            for row in rows
        ]
        await asyncio.gather(*sent)
        await pools[0].execute("DELETE FROM outbox WHERE id = ANY ($1)", [row["id"] for row in rows])
        if len(rows) < RELAYED_AT_ONCE:
            await asyncio.sleep(RELAY_PAUSE_SECONDS)


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    """Tables, pool, and the relay beside the subscriber."""
    async with asyncpg.create_pool(DSN, min_size=WORKERS + 1, max_size=WORKERS + 1) as pool:
        await pool.execute(TABLES)
        pools.append(pool)
        yield


app = FastStream(broker, lifespan=lifespan)
relays: list[asyncio.Task[None]] = []


@app.after_startup
async def start_relay() -> None:
    """Once the broker is connected."""
    relays.append(asyncio.create_task(relay()))


@app.on_shutdown
async def stop_relay() -> None:
    """Before the broker goes."""
    for task in relays:
        task.cancel()
    await asyncio.gather(*relays, return_exceptions=True)
