"""The servers of one benchmark: topics and databases that are empty again for each run, and processes beside them."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from os import environ
from pathlib import Path

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient

from afterward.stack.kafka import Kafka
from afterward.stack.ports import LOOPBACK, free_port
from afterward.stack.postgres import Postgres
from afterward.stack.process import Daemon
from afterward.stack.services import READY_SECONDS, answers_healthy
from afterward.stack.supervisor import aggregates_of, topic_spec
from afterward.stack.topics import TopicSpec, ensure_topics
from bench.machine import Programs
from bench.memory import Memory
from bench.records import publish
from chassis.decide.aggregate import AnyAggregate
from chassis.store.migrate import migrate
from schemas.topic import PARTITIONS
from schemas.topics import TOPICS

ROOT = Path(__file__).parent.parent
_POLL_SECONDS = 0.05
_DELETED_SECONDS = 30
_numbers = count(1)

Keyed = tuple[str, bytes]
"""A record to be published: its key, and its value."""


@dataclass
class Process:
    """A process under measurement. `http`: where it answers, for those that do; `memory`: its resident bytes so far.

    `programs`: all that is measured now, it and the servers.
    """

    daemon: Daemon
    http: str
    memory: Memory
    programs: Callable[[], Programs]

    @property
    def pid(self) -> int:
        """Of the process. Raises LookupError when it has ended, with the end of its log."""
        if (pid := self.daemon.pid) is None:
            raise LookupError(f"{self.daemon.name} has ended.{self.daemon.last_words()}")
        return pid


@dataclass
class Servers:
    """A running bus and a running database."""

    kafka: Kafka
    postgres: Postgres
    folder: Path
    _named: int = field(default_factory=lambda: next(_numbers))
    _measured: list[Daemon] = field(default_factory=list)

    @property
    def bootstrap_servers(self) -> str:
        """Of the bus, `host:port`."""
        return self.kafka.bootstrap_servers

    def programs(self) -> Programs:
        """Who uses processors for what is measured: the processes under measurement that run now, and the servers."""
        ours = [pid for daemon in self._measured if (pid := daemon.pid) is not None]
        servers = {"postgresql": self.postgres.pid, "broker": self.kafka.pid}
        return {"ours": ours, **{name: [pid] for name, pid in servers.items() if pid is not None}}

    async def fresh_topics(self, *names: str) -> None:
        """Makes these topics empty, six partitions each; what groups had committed for them is forgotten with them.

        Without names: all topics of the services, as they are declared.
        """
        declared = {topic.name: topic_spec(topic) for topic in TOPICS}
        wanted = [declared.get(name, TopicSpec(name, PARTITIONS)) for name in names or declared]
        await self._delete({topic.name for topic in wanted})
        await ensure_topics(self.bootstrap_servers, wanted)

    async def _delete(self, names: set[str]) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers)
        await admin.start()
        try:
            if known := names & set(await admin.list_topics()):
                await admin.delete_topics(sorted(known))
            async with asyncio.timeout(_DELETED_SECONDS):
                while names & set(await admin.list_topics()):
                    await asyncio.sleep(_POLL_SECONDS)
        finally:
            await admin.close()

    async def fresh_database(self, service: str | None = None, aggregates: Sequence[AnyAggregate] | None = None) -> str:
        """The DSN of a new, empty database; for a service migrated, or for kinds of our own, which have no tables."""
        name = f"bench_{self._named}_{next(_numbers)}"
        admin = await asyncpg.connect(self.postgres.dsn())
        try:
            await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        finally:
            await admin.close()
        dsn = self.postgres.dsn(name)
        if service is not None:
            if aggregates is None:
                await migrate(dsn, service, aggregates_of(service))
            else:
                await migrate(dsn, service, aggregates, __package__)
        return dsn

    async def drop_database(self, dsn: str) -> None:
        """Removes a database of `fresh_database` and ends whoever is still connected to it."""
        name = dsn.rpartition("/")[2]
        admin = await asyncpg.connect(self.postgres.dsn())
        try:
            await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        finally:
            await admin.close()

    async def load(self, topic: str, records: Iterable[Keyed]) -> None:
        """Puts records onto a topic as fast as this process can, each into the partition of its key, in order."""
        await publish(self.bootstrap_servers, topic, records)

    @asynccontextmanager
    async def service(
        self,
        application: str,
        dsn: str,
        *,
        name: str = "service",
        env: Mapping[str, str] | None = None,
        **settings: object,
    ) -> AsyncIterator[Process]:
        """One process of `faststream run <application>`, e.g. `services.treatment.app:app`, that has its partitions.

        `settings`: those that differ from the defaults, e.g. `workers=3`; `env`: further environment.
        """
        given = {"bootstrap_servers": self.bootstrap_servers, "database_dsn": dsn, **settings}
        environment = {f"AFTERWARD_{key.upper()}": str(value) for key, value in given.items()} | dict(env or {})
        port = free_port()
        command = [sys.executable, "-m", "faststream", "run", application, "--host", LOOPBACK, "--port", str(port)]
        async with self.process(name, command, environment, port=port) as process:

            async def healthy() -> bool:
                return await asyncio.to_thread(answers_healthy, f"{process.http}/health")

            await process.daemon.until(healthy, limit_seconds=READY_SECONDS)
            yield process

    @asynccontextmanager
    async def process(
        self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None, *, port: int = 0
    ) -> AsyncIterator[Process]:
        """Any program, its memory sampled, its log in the folder; ended in order, or killed when it does not end."""
        daemon = Daemon(f"{name}-{next(_numbers)}", self.folder)
        path = f"{ROOT}{':' + environ['PYTHONPATH'] if environ.get('PYTHONPATH') else ''}"
        daemon.spawn(command, port=port, env={**environ, "PYTHONPATH": path, **(env or {})})
        self._measured.append(daemon)
        try:
            async with Memory.of(lambda: daemon.pid) as memory:
                yield Process(daemon, f"http://{LOOPBACK}:{port}", memory, self.programs)
        finally:
            self._measured.remove(daemon)
            await daemon.stop()
