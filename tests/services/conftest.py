"""A real PostgreSQL for the services' own SQL, with one database for each test."""

from collections.abc import AsyncIterator
from datetime import UTC
from importlib import import_module
from itertools import count

import asyncpg
import pytest

from afterward.stack.postgres import Postgres
from chassis.store.connection import connect
from chassis.store.migrate import migrate
from services.bulletin.routes import AGGREGATES
from tests.chassis.engine_fixture import Now
from tests.domain.bulletin.journeys import at
from tests.services.alone import WORKERS, Alone
from tests.services.bulletin_stack import Bulletin

_numbers = count(1)


@pytest.fixture
async def dsn(postgres: Postgres) -> AsyncIterator[str]:
    """An empty database."""
    name = f"service_{next(_numbers)}"
    admin = await asyncpg.connect(postgres.dsn())
    try:
        await admin.execute(f"CREATE DATABASE {name}")
        yield postgres.dsn(name)
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


@pytest.fixture
async def bulletin(dsn: str) -> AsyncIterator[Bulletin]:
    """The bulletin service at noon of 1 October 2020, without a case."""
    await migrate(dsn, "bulletin", AGGREGATES)
    connections = [await connect(dsn, 30) for _ in range(WORKERS)]
    yield Bulletin("bulletin", AGGREGATES, connections, Now(at("10-01T12:00").astimezone(UTC)))
    for connection in connections:
        await connection.close()


@pytest.fixture
async def alone(request: pytest.FixtureRequest, dsn: str) -> AsyncIterator[Alone]:
    """The service whose name is the parameter, in the evening of 15 September 2020, without a case."""
    name: str = request.param
    aggregates = import_module(f"services.{name}.routes").AGGREGATES
    await migrate(dsn, name, aggregates)
    connections = [await connect(dsn, 30) for _ in range(WORKERS)]
    yield Alone(name, aggregates, connections, Now(at("09-15T18:00").astimezone(UTC)))
    for connection in connections:
        await connection.close()
