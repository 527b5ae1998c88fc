"""What a run left behind: every database as its service knows it, and every record that is on the bus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import asyncpg
import msgspec
from aiokafka import ConsumerRecord, TopicPartition

from afterward.stack.supervisor import aggregates_of
from chassis.decide.aggregate import AnyAggregate
from schemas.topics import TOPICS, published_by
from tests.faults.injection.impostors import is_an_impostors
from tests.faults.servers.running_servers import Servers
from tests.faults.workload import JUNK
from tests.journeys.stack import read_to_the_end

LIMIT_SECONDS = 300
OUT = tuple(topic.name for topic in TOPICS if topic.direction == "out")
_ARCHIVE = "SELECT id, topic, key, event_id::text AS event_id, message FROM archive ORDER BY partition, id"
_PARKED = "SELECT reason, kind, key, topic, record_key, value FROM parked"
_STATE = "SELECT kind, key, blocked, document FROM state WHERE document IS NOT NULL"


class Archived(NamedTuple):
    """An event as its service stated it, in the order of the archive."""

    topic: str
    key: str
    event_id: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """One service's database. `documents`: kind → key → (facts, conclusions); `tables`: name → rows; `epoch`: how often
    it has gone back."""

    documents: Mapping[str, Mapping[str, tuple[Any, Any]]]
    blocked: Sequence[tuple[str, str]]
    archive: Sequence[Archived]
    parked: Sequence[Mapping[str, Any]]
    tables: Mapping[str, Sequence[Mapping[str, Any]]]
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a run left behind.

    `bus`: the records of the event topics, but for those that nobody can read, or that somebody else has stated.
    """

    services: Mapping[str, Held]
    bus: Sequence[ConsumerRecord[bytes, bytes]]


async def snapshot(servers: Servers) -> Snapshot:
    """Reads everything; the services should be quiet."""
    held = {name: await _held(name, dsn) for name, dsn in servers.dsns.items()}
    return Snapshot(held, await on_the_bus(servers))


async def on_the_bus(servers: Servers, topics: Sequence[str] = OUT) -> list[ConsumerRecord[bytes, bytes]]:
    """Every record of the present run on these topics, in the order of each partition."""
    partitions = [TopicPartition(topic.name, number) for topic in TOPICS for number in range(topic.partitions)]
    wanted = [partition for partition in partitions if partition.topic in topics]
    found = await read_to_the_end(servers.bus.bootstrap_servers, wanted, LIMIT_SECONDS)
    ours = (record for record in found if record.value != JUNK and not is_an_impostors(record.value))
    return [record for record in ours if _is_of_this_run(servers, record)]


def _is_of_this_run(servers: Servers, record: ConsumerRecord[bytes, bytes]) -> bool:
    return record.offset >= servers.floor.get(TopicPartition(record.topic, record.partition), 0)


async def _held(service: str, dsn: str) -> Held:
    connection: Any = await asyncpg.connect(dsn)
    try:
        aggregates = {aggregate.name: aggregate for aggregate in aggregates_of(service)}
        states = await connection.fetch(_STATE)
        return Held(
            _documents(aggregates, states),
            [(row["kind"], row["key"]) for row in states if row["blocked"]],
            [Archived(row["topic"], row["key"], row["event_id"], row["message"]) for row in await _archive(connection)],
            [dict(row) for row in await connection.fetch(_PARKED)],
            {name: await _rows(connection, query) for name, query in _tables(service, aggregates).items()},
            await connection.fetchval("SELECT epoch FROM store_identity"),
        )
    finally:
        await connection.close()


async def _archive(connection: Any) -> Sequence[Any]:
    rows: Sequence[Any] = await connection.fetch(_ARCHIVE)
    return rows


def _documents(aggregates: Mapping[str, AnyAggregate], states: Sequence[Any]) -> dict[str, dict[str, tuple[Any, Any]]]:
    documents: dict[str, dict[str, tuple[Any, Any]]] = {name: {} for name in aggregates}
    for row in states:
        aggregate = aggregates[row["kind"]]
        shape: Any = tuple[aggregate.facts, aggregate.conclusions]  # type: ignore[name-defined]
        documents[aggregate.name][row["key"]] = msgspec.json.decode(row["document"], type=shape)
    return documents


def _tables(service: str, aggregates: Mapping[str, AnyAggregate]) -> dict[str, str]:
    """The read models: a kind's small table, and what a service keeps in step with it."""
    tables = {
        aggregate.table.name: f"SELECT * FROM {aggregate.table.name} ORDER BY key"
        for aggregate in aggregates.values()
        if aggregate.table
    }
    if service == "bulletin":
        tables["bulletin_tally"] = (
            "SELECT jurisdiction, figure, day, category, sum(cases)::int AS cases FROM bulletin_tally "
            "GROUP BY jurisdiction, figure, day, category HAVING sum(cases) <> 0 "
            "ORDER BY jurisdiction, figure, day, category"
        )
    if service == "intake":
        tables["intake_tally"] = (
            "SELECT day, institution_id, sum(transfers)::int AS transfers FROM intake_tally "
            "GROUP BY day, institution_id HAVING sum(transfers) <> 0 ORDER BY day, institution_id"
        )
    return tables


async def _rows(connection: Any, query: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await connection.fetch(query)]


def stated_by(service: str) -> frozenset[str]:
    """The topics whose records are all a service's own words."""
    return frozenset(topic.name for topic in published_by(service))
