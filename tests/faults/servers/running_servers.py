"""What one run after the other stands on: a bus and a durable PostgreSQL, started once and emptied before each run."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete

from afterward.stack.bus import Bus
from afterward.stack.kafka import Kafka
from afterward.stack.postgres import Postgres, ensure_databases
from afterward.stack.supervisor import aggregates_of, end_processes, passwords, topic_spec
from afterward.stack.tansu import Tansu
from afterward.stack.topics import end_offsets, ensure_topics
from chassis.consume.landmarks import stamps_at
from chassis.store.migrate import migrate
from schemas.services import SERVICES
from schemas.topic import PARTITIONS
from schemas.topics import TOPICS, by_service
from tests.outbox import ALL_SENT

EMBEDDED, KAFKA = "embedded", "apache-kafka"
ALL = tuple(TopicPartition(topic.name, number) for topic in TOPICS for number in range(PARTITIONS))
COMPACTED = frozenset(topic.name for topic in TOPICS if topic.cleanup == "compact")
"""Topics from which Kafka lets nobody delete records: a run's own begin at the ground's `floor`."""
NO_STAMP = -1
_KEPT = ("migration", "document_shape", "store_identity", "shard_stated", "shard_sent", "access_log")
"""What a database knows of itself, rather than of patients: groups know their members by its name, too.

Who has read what is append-only, and no run is judged by it."""
_TABLES = r"""
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname NOT LIKE '%\_revision'
"""
"""But for the revisions of copies, each of which has one row for ever: without it nobody would see a copy change."""
_SEQUENCES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
  AND NOT EXISTS (
      SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype IN ('a', 'i')
  )
"""
"""But for those of a table's own column: they are emptied, or kept, with it."""


class Servers:
    """The servers of a folder. `backend`: EMBEDDED or KAFKA."""

    def __init__(self, folder: Path, backend: str) -> None:
        self.folder, self.backend = folder.absolute(), backend
        self.postgres = Postgres(self.folder)
        self.bus: Bus = Tansu(self.folder) if backend == EMBEDDED else Kafka(self.folder)
        self.dsns: dict[str, str] = {}
        """Service → where it finds its database."""
        self.owners: dict[str, str] = {}
        """Service → the same as the role that owns it."""
        self.floor: dict[TopicPartition, int] = {}
        """Where the records of the present run begin; partitions that are not in it begin at 0."""
        self._members: frozenset[str] | None = frozenset()

    async def start(self) -> None:
        """Both servers, with nothing on them, whatever a harness that was killed has left. Raises StartFailed."""
        await end_processes(self.folder)
        self.postgres.remove()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        await self.postgres.start()
        await self.bus.start()
        both = await ensure_databases(self.postgres.dsn(), passwords(self.folder))
        self.dsns = {name: one.service for name, one in both.items()}
        self.owners = {name: one.owner for name, one in both.items()}
        for name, dsn in self.owners.items():
            await migrate(dsn, name, aggregates_of(name))
        await self._make_topics()

    async def stop(self) -> None:
        """Ends both, and takes away what they kept."""
        await self.bus.stop()
        await self.postgres.stop()
        self.postgres.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def clean(self, members: Iterable[str], *, fresh_bus: bool = False) -> None:
        """Empty databases, and topics whose records are gone and that every group has read to their ends.

        `members`: who will join the groups. A bus on which a former run ended otherwise, or with other members, is made
        anew. No service may run.
        """
        for dsn in self.owners.values():
            await _empty(dsn)
        if fresh_bus or self._members not in (frozenset(), frozenset(members)) or not await self._forgotten():
            await self.new_bus()
        kept = {at: end - 1 for at, end in self.floor.items() if end and at.topic in COMPACTED}
        stamps = await stamps_at(self.bus.bootstrap_servers, kept)
        for service, dsn in self.dsns.items():
            await _watermark(
                dsn, {at: end for at, end in self.floor.items() if at.topic in _topics_of(service)}, stamps
            )
        self._members = frozenset(members)

    async def new_bus(self) -> None:
        """A bus that knows nothing, at the same address."""
        await self.bus.stop()
        shutil.rmtree(self.folder / "kafka" / "log", ignore_errors=True)
        await self.bus.start()
        await self._make_topics()
        self.floor = {}

    async def forget_schemas(self) -> None:
        """Databases with nothing in them, no table either; some release has to migrate them."""
        for dsn in self.owners.values():
            connection: Any = await asyncpg.connect(dsn)
            try:
                await connection.execute(
                    "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC"
                )
            finally:
                await connection.close()
        self.spoilt()

    def spoilt(self) -> None:
        """A run did not come to its end: the next one needs a new bus."""
        self._members = None

    async def _forgotten(self) -> bool:
        """Whether every group stands at the ends, and everything before them could be deleted."""
        if self.backend == EMBEDDED:
            return False
        servers = self.bus.bootstrap_servers
        ends = await end_offsets(servers, ALL)
        for service in SERVICES:
            if not await _has_read(servers, service, ends):
                return False
        admin = AIOKafkaAdminClient(bootstrap_servers=servers)
        await admin.start()
        try:
            await admin.delete_records(
                {partition: RecordsToDelete(end) for partition, end in ends.items() if partition.topic not in COMPACTED}
            )
        finally:
            await admin.close()
        self.floor = ends
        return True

    async def _make_topics(self) -> None:
        await ensure_topics(self.bus.bootstrap_servers, [topic_spec(topic) for topic in TOPICS])


def _topics_of(service: str) -> frozenset[str]:
    return frozenset(topic.name for topic in by_service(service))


async def _watermark(dsn: str, ends: Mapping[TopicPartition, int], stamps: Mapping[TopicPartition, int]) -> None:
    """A service has read so far: what lies before is another run's.

    Where the last record has been deleted, no bus has one of its stamp: another bus is told from this one also by a
    service that reads nothing of the run before the bus is lost.
    """
    connection: Any = await asyncpg.connect(dsn)
    try:
        rows = [(*at, end, stamps.get(at, NO_STAMP)) for at, end in ends.items() if end]
        await connection.executemany(
            "INSERT INTO read_offset (topic, partition, next_offset, stamp) VALUES ($1, $2, $3, $4)", rows
        )
    finally:
        await connection.close()


async def _has_read(bootstrap_servers: str, service: str, ends: dict[TopicPartition, int]) -> bool:
    topics = _topics_of(service)
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        group_id=service,
        enable_auto_commit=False,
        isolation_level="read_committed",
    ) as one:
        for partition, end in ends.items():
            if partition.topic in topics and end and await one.committed(partition) != end:
                return False
    return True


async def _empty(dsn: str) -> None:
    connection: Any = await asyncpg.connect(dsn)
    try:
        there = [row["relname"] for row in await connection.fetch(_TABLES)]
        tables = [name for name in there if name not in _KEPT]
        await connection.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        for row in await connection.fetch(_SEQUENCES):
            await connection.execute(f"ALTER SEQUENCE {row['relname']} RESTART")
        # What the compacted topics still have was said in former epochs.
        await connection.execute("UPDATE store_identity SET epoch = epoch + 1")
        if "shard_stated" in there:  # before decision 0064 there was an outbox of rows, which is empty now
            await connection.execute("UPDATE shard_stated SET epoch = epoch + 1")
            await connection.execute(ALL_SENT)
    finally:
        await connection.close()
