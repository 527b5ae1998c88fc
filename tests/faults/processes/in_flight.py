"""Whether a service had work in flight when a fault hit it: asked while its process is stopped."""

from types import TracebackType
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from schemas.topic import PARTITIONS
from schemas.topics import by_service
from tests.faults.servers.running_servers import Servers

_AT_WORK = """
SELECT EXISTS (SELECT FROM outbox)
    OR EXISTS (SELECT FROM pg_locks
               WHERE relation = 'state'::regclass AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid())
"""


class InFlight:
    """Asks the databases and the bus, on connections of its own."""

    def __init__(self, servers: Servers) -> None:
        self._ground = servers
        self._databases: dict[str, Any] = {}
        addresses = servers.bus.bootstrap_servers
        self._admin = AIOKafkaAdminClient(bootstrap_servers=addresses)
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=addresses, enable_auto_commit=False, isolation_level="read_committed"
        )

    async def __aenter__(self) -> "InFlight":
        for service, dsn in self._ground.dsns.items():
            self._databases[service] = await asyncpg.connect(dsn)
        await self._admin.start()
        await self._consumer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._databases.values():
            connection.terminate()
        await self._admin.close()
        await self._consumer.stop()

    async def holds(self, service: str) -> bool:
        """Whether a transaction is open, an event is not acknowledged, or a record is not judged and committed."""
        return bool(await self._databases[service].fetchval(_AT_WORK)) or await self._is_behind(service)

    async def _is_behind(self, service: str) -> bool:
        partitions = [TopicPartition(topic.name, n) for topic in by_service(service) for n in range(PARTITIONS)]
        committed = await self._admin.list_consumer_group_offsets(service, partitions=partitions)
        ends = await self._consumer.end_offsets(partitions)
        return any(ends[partition] > max(0, committed[partition].offset) for partition in partitions)
