"""A service that has heard a journey, asked over HTTP without a server: its application on a real PostgreSQL."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from chassis.questions.application import QuestionsApplication
from chassis.questions.authentication import Authentication
from chassis.questions.pool import READ_ONLY, Pool
from chassis.store.connection import connect
from chassis.store.migrate import migrate
from tests.chassis.engine_fixture import Now
from tests.services.alone import WORKERS, Alone

NOBODY = Authentication(None, None)
LATE = datetime(2023, 2, 1, tzinfo=UTC)
"""After all that the journeys tell of."""
KNOWN = "SELECT kind, array_agg(key ORDER BY key) AS keys FROM state WHERE document IS NOT NULL GROUP BY kind"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Heard:
    """A service's database in which something is known. `keys`: kind → the keys of what is."""

    service: str
    dsn: str
    keys: Mapping[str, list[str]]

    def application(self, authentication: Authentication = NOBODY, connections: int = 4) -> QuestionsApplication:
        """What answers questions about it; its connections belong to the loop in which it is first asked."""
        kinds = import_module(f"services.{self.service}.routes").AGGREGATES
        table = import_module(f"services.{self.service}.views").QUESTIONS
        pool = Pool(partial(connect, self.dsn, 20, **READ_ONLY), connections, 20)
        return QuestionsApplication(self.service, kinds, table, pool, Now(LATE), authentication)

    @property
    def document(self) -> dict[str, Any]:
        """What its OpenAPI document says."""
        found: dict[str, Any] = json.loads((ROOT / "services" / self.service / "openapi.json").read_text())
        return found


async def hear(dsn: str, service: str) -> Heard:
    """Has a service hear its fullest journey, in a database that is empty."""
    kinds = import_module(f"services.{service}.routes").AGGREGATES
    await migrate(dsn, service, kinds)
    connections = [await connect(dsn, 60) for _ in range(WORKERS)]
    journeys = import_module(f"tests.domain.{service}.journeys")
    alone = Alone(service, kinds, connections, Now(LATE))
    await alone.tell(*next(journeys.full()))
    rows = await connections[0].fetch(KNOWN)
    for connection in connections:
        await connection.close()
    return Heard(service, dsn, {row["kind"]: row["keys"] for row in rows})


def heard_in(server: str, service: str, number: int) -> Heard:
    """The same in a schema of its own."""

    async def made() -> Heard:
        name = f"heard_{service}_{number}"
        admin = await asyncpg.connect(server)
        await admin.execute(f"CREATE SCHEMA {name}")
        await admin.close()
        return await hear(f"{server}?search_path={name}", service)

    return asyncio.run(made())


@asynccontextmanager
async def client(application: QuestionsApplication, **scope: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Asks an application as somebody on this machine; `scope`: what the server says of the connection besides."""

    async def answer(given: Any, receive: Any, send: Any) -> None:
        await application({**given, **scope}, receive, send)

    transport = httpx.ASGITransport(answer, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as asking:
        try:
            yield asking
        finally:
            application.close()
