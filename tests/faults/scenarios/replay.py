"""Full replay: every group begins at the beginning again, three times, and the read models are drawn anew."""

import asyncio
import re
import urllib.request
from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from afterward.stack.supervisor import aggregates_of
from chassis.store.connection import connect
from chassis.store.locked_row import LockedRow
from chassis.store.read_models import save_tables
from schemas.services import SERVICES
from schemas.topic import PARTITIONS
from schemas.topics import by_service
from tests.faults.harness import Harness
from tests.faults.judging.snapshot import Snapshot, snapshot
from tests.faults.processes.stack import TestStack
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.servers.running_servers import COMPACTED, KAFKA, Servers
from tests.faults.workload import SMALL, workload

TITLE = "full replay: groups reset to the beginning, read models rebuilt"
BACKENDS = (KAFKA,)
TIMES = 3
EMPTY_SECONDS = 60
SESSION_TIMEOUT_MS = "2000"
"""A group can be reset once it has forgotten its members, who ended without leaving it."""
READ = re.compile(r"^afterward_records_total\{.*\} ([0-9.e+]+)$", re.MULTILINE)
"""What a service says of how many records its process has read."""


def rows(size: Size) -> Iterable[Row]:
    """Small: a few cases; full: 60 cases."""
    yield Row("seed 7", 7, SMALL if size == "small" else {"number": 60, "days_a_step": 1})


async def run(harness: Harness, row: Row) -> Outcome:
    """After each replay all has been read again, nothing new has been said, and everything is as it was."""
    given = workload(row.seed, **row.options)
    await harness.undisturbed(given)
    async with harness.stack(given, settings={"AFTERWARD_SESSION_TIMEOUT_MS": SESSION_TIMEOUT_MS}) as stack:
        await stack.play()
        wrong, read_again = await harness.judge(given), 0
        before = _emitted(await snapshot(harness.servers))
        for time in range(1, TIMES + 1):
            await stack.down()
            due = await asyncio.gather(*(_reset(harness.servers, service) for service in SERVICES))
            await _rebuild(harness.servers.owners["bulletin"])
            await stack.up()
            await stack.quiet()
            short = _not_read(await _read(stack), dict(zip(SERVICES, due, strict=True)))
            read_again += len(SERVICES) - len(short)
            wrong += [f"replay {time}: {complaint}" for complaint in short]
            after = _emitted(await snapshot(harness.servers))
            wrong += [f"replay {time}: {after} events instead of {before}"] if after != before else []
            wrong += [f"replay {time}: {complaint}" for complaint in await harness.judge(given)]
        return Outcome(TIMES * len(SERVICES), read_again, wrong, {"records each time": sum(due)})


def _emitted(left: Snapshot) -> tuple[int, int]:
    """How many events are archived, and how many are on the bus."""
    return sum(len(held.archive) for held in left.services.values()), len(left.bus)


def _not_read(read: Mapping[str, int], due: Mapping[str, int]) -> list[str]:
    """A complaint about each service that has not read as much again as there is for it, or nothing at all."""
    return [
        f"{service} has read {read[service]} of {due[service]} records again"
        for service in SERVICES
        if read[service] < due[service] or not read[service]
    ]


async def _read(stack: TestStack) -> dict[str, int]:
    """How many records each service has read since its process began."""
    return {name: await asyncio.to_thread(_published_by, member.health) for name, member in stack.members.items()}


def _published_by(health: str) -> int:
    with urllib.request.urlopen(health.replace("/health", "/metrics"), timeout=30) as answer:  # noqa: S310 - our own
        given = READ.search(answer.read().decode())
    assert given is not None, f"{health} does not tell how many records it has read"
    return int(float(given[1]))


async def _reset(servers: Servers, service: str) -> int:
    """The service begins at the first record there is; its group has forgotten, too, how far it was.

    Returns how many records it has to read again; those of compacted topics, of which some may be gone, left out.
    Raises TimeoutError when somebody stays in the group.
    """
    await _forget(servers.dsns[service])
    partitions = [TopicPartition(topic.name, n) for topic in by_service(service) for n in range(PARTITIONS)]
    addresses = servers.bus.bootstrap_servers
    async with (
        AIOKafkaConsumer(
            bootstrap_servers=addresses, group_id=service, enable_auto_commit=False, isolation_level="read_committed"
        ) as consumer,
        asyncio.timeout(EMPTY_SECONDS),
    ):
        consumer.assign(partitions)
        beginnings, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        while True:
            try:
                await consumer.commit(beginnings)
                return sum(ends[one] - beginnings[one] for one in partitions if one.topic not in COMPACTED)
            except KafkaError:  # the group still waits for its members
                await asyncio.sleep(0.1)


async def _forget(dsn: str) -> None:
    """The store does not know how far it has read."""
    connection: Any = await connect(dsn, statement_timeout_seconds=60)
    try:
        await connection.execute("DELETE FROM read_offset")
    finally:
        await connection.close()


async def _rebuild(dsn: str) -> None:
    """The bulletin's small tables are emptied, and drawn from the documents of its cases and days."""
    connection: Any = await connect(dsn, statement_timeout_seconds=60)
    try:
        aggregates = {aggregate.name: aggregate for aggregate in aggregates_of("bulletin") if aggregate.table}
        async with connection.transaction():
            tables = [aggregate.table.name for aggregate in aggregates.values()]
            await connection.execute(f"TRUNCATE {', '.join(tables)}, bulletin_tally")
            rows = await connection.fetch(
                "SELECT kind, key, partition, judged, document FROM state WHERE kind = ANY ($1)", list(aggregates)
            )
            await save_tables(connection, [_drawn(aggregates[row["kind"]], row) for row in rows])
    finally:
        await connection.close()


def _drawn(aggregate: Any, row: Any) -> LockedRow:
    judged, document = row["judged"], row["document"]
    case = LockedRow.holding(aggregate, row["key"], row["partition"], document=document, judged=judged)
    case.rows = None, aggregate.table.row(case.state)
    return case
