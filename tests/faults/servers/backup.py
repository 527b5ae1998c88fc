"""Databases as they were at one moment, and put back later: what a restored backup or a promoted replica brings."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from tests.faults.servers.running_servers import Servers


class Backup:
    """Copies of the databases of some services, on the same server."""

    def __init__(self, servers: Servers, services: Iterable[str]) -> None:
        self._ground, self.services = servers, tuple(services)

    async def take(self) -> None:
        """As they are now; an earlier copy is thrown away. Whoever is connected has to connect anew."""
        async with self._server() as server:
            for name in self.services:
                await self._copy(server, name, f"{name}_backup")

    async def put_back(self) -> None:
        """As they were when the copy was taken; it stays, and can be put back again."""
        async with self._server() as server:
            for name in self.services:
                await self._copy(server, f"{name}_backup", name)
                await server.execute(f'ALTER DATABASE "{name}" OWNER TO "{name}_owner"')

    async def remove(self) -> None:
        """Without the copies."""
        async with self._server() as server:
            for name in self.services:
                await server.execute(f'DROP DATABASE IF EXISTS "{name}_backup" WITH (FORCE)')

    async def _copy(self, server: Any, source: str, target: str) -> None:
        await server.execute(f'ALTER DATABASE "{source}" ALLOW_CONNECTIONS false')
        await server.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", source)
        await server.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
        await server.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}" STRATEGY file_copy')
        await server.execute(f'ALTER DATABASE "{source}" ALLOW_CONNECTIONS true')

    @asynccontextmanager
    async def _server(self) -> AsyncIterator[Any]:
        connection: Any = await asyncpg.connect(self._ground.postgres.dsn())
        try:
            yield connection
        finally:
            await connection.close()
