"""What tests run on: a real PostgreSQL with an empty schema for each test, and real buses, each started once a run."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import TypeVar

import asyncpg
import pytest

from afterward.stack.bus import Bus
from afterward.stack.kafka import Kafka
from afterward.stack.postgres import Postgres
from afterward.stack.tansu import Tansu
from tests.backends import in_containers, note_bus

SomeBus = TypeVar("SomeBus", Tansu, Kafka)

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """The embedded server; not durable, which no test could tell."""
    server = Postgres(tmp_path_factory.mktemp("postgres"), durable=False)
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())
    server.remove()


@pytest.fixture
async def database(postgres: Postgres) -> AsyncIterator[str]:
    """The DSN of an empty database: in truth of an empty schema, which is made a hundred times as fast."""
    name = f"test_{next(_numbers)}"
    admin = await asyncpg.connect(postgres.dsn())
    try:
        await admin.execute(f"CREATE SCHEMA {name}")
        yield f"{postgres.dsn()}?search_path={name}"
    finally:
        await admin.close()


@pytest.fixture(scope="session")
def tansu(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tansu]:
    """The embedded bus, running."""
    yield from _running(Tansu(tmp_path_factory.mktemp("tansu")))


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    """Apache Kafka, running: in a container where a Docker engine answers, else from Maven's jars."""
    if not in_containers():
        yield from _running(Kafka(tmp_path_factory.mktemp("kafka")))
        return
    from tests import containers  # noqa: PLC0415 - most runs never need it

    with containers.kafka() as bus:
        yield bus


@pytest.fixture(scope="session", params=["tansu", pytest.param("kafka", marks=pytest.mark.needs_kafka)])
def bus(request: pytest.FixtureRequest) -> Bus:
    """Each bus in turn: what passes on one must pass on the other."""
    chosen: Bus = request.getfixturevalue(request.param)
    return chosen


def _running(bus: SomeBus) -> Iterator[SomeBus]:
    asyncio.run(bus.start())
    note_bus(bus.name)
    yield bus
    asyncio.run(bus.stop())
