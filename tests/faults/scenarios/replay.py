"""Full replay: every group begins at the beginning again, three times, and the read models are drawn anew."""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from afterward.stack.supervisor import kinds_of
from chassis.docket import Case
from chassis.store import connect
from chassis.tables import save_tables
from schemas.topics import PARTITIONS, SERVICES, by_service
from tests.faults.ground import KAFKA, Ground
from tests.faults.harness import Harness
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.snapshot import Snapshot, snapshot
from tests.faults.workload import SMALL, workload

TITLE = "full replay: groups reset to the beginning, read models rebuilt"
LANES = (KAFKA,)
TIMES = 3
EMPTY_SECONDS = 60
SESSION_TIMEOUT_MS = "2000"
"""A group can be reset once it has forgotten its members, who ended without leaving it."""


def rows(size: Size) -> Iterable[Row]:
    """Small: a few cases; full: 60 cases."""
    yield Row("seed 7", 7, SMALL if size == "small" else {"number": 60, "days_a_step": 1})


async def run(harness: Harness, row: Row) -> Outcome:
    """After each replay nothing new has been said, and everything is as it was."""
    told = workload(row.seed, **row.options)
    await harness.undisturbed(told)
    async with harness.arena(told, settings={"AFTERWARD_SESSION_TIMEOUT_MS": SESSION_TIMEOUT_MS}) as arena:
        await arena.play()
        wrong = await harness.judge(told)
        before = _said(await snapshot(harness.ground))
        for time in range(1, TIMES + 1):
            await arena.down()
            await asyncio.gather(*(_reset(harness.ground, service) for service in SERVICES))
            await _rebuild(harness.ground.dsns["bulletin"])
            await arena.up()
            await arena.quiet()
            after = _said(await snapshot(harness.ground))
            wrong += [f"replay {time}: {after} events instead of {before}"] if after != before else []
            wrong += [f"replay {time}: {complaint}" for complaint in await harness.judge(told)]
        return Outcome(TIMES, TIMES, wrong, {"records read again each time": before[1] + told.records})


def _said(left: Snapshot) -> tuple[int, int]:
    """How many events are archived, and how many are on the bus."""
    return sum(len(held.archive) for held in left.services.values()), len(left.bus)


async def _reset(ground: Ground, service: str) -> None:
    """The group begins at the first record there is. Raises TimeoutError when somebody stays in it."""
    partitions = [TopicPartition(topic.name, n) for topic in by_service(service) for n in range(PARTITIONS)]
    servers = ground.bus.bootstrap_servers
    async with (
        AIOKafkaConsumer(bootstrap_servers=servers, group_id=service, enable_auto_commit=False) as consumer,
        asyncio.timeout(EMPTY_SECONDS),
    ):
        consumer.assign(partitions)
        beginnings = await consumer.beginning_offsets(partitions)
        while True:
            try:
                await consumer.commit(beginnings)
                return
            except KafkaError:  # the group still waits for its members
                await asyncio.sleep(0.1)


async def _rebuild(dsn: str) -> None:
    """The bulletin's small tables are emptied, and drawn from the documents of its cases and days."""
    connection: Any = await connect(dsn, statement_timeout_seconds=60)
    try:
        kinds = {kind.name: kind for kind in kinds_of("bulletin")}
        async with connection.transaction():
            tables = [kind.table.name for kind in kinds.values()]
            await connection.execute(f"TRUNCATE {', '.join(tables)}, bulletin_tally")
            rows = await connection.fetch(
                "SELECT kind, key, partition, version, judged, stuck, seen, document FROM state"
            )
            await save_tables(connection, [_drawn(kinds[kind], row) for kind, *row in rows])
    finally:
        await connection.close()


def _drawn(kind: Any, row: Any) -> Case:
    case = Case.load(kind, row)
    case.rows = None, kind.table.row(case.state)
    return case
