"""A migrated database of the toy service for each test, and a fixture to hand batches to its engine."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest

from chassis.decide.aggregate import AnyAggregate
from chassis.store import migrate as migrating
from chassis.store.connection import Connection, connect
from chassis.store.migrate import migrate
from chassis.store.quota import LIMITS, Limits
from chassis.store.upgrading.converting import Converter
from tests.chassis.engine_fixture import MIGRATIONS, SERVICE, EngineFixture
from tests.chassis.fake_engine import FakeEngine
from tests.chassis.toy import COUNTED_PATIENT, PATIENT, WARD
from tests.chassis.versions import Become, known_migrations

MakeEngine = Callable[..., Awaitable[EngineFixture]]
"""Kinds → a fixture on a connection of its own; all fixtures of a test share its database."""


@pytest.fixture
async def dsn(database: str) -> str:
    """The toy service's own database, migrated."""
    await migrate(database, SERVICE, [COUNTED_PATIENT, WARD], MIGRATIONS)
    return database


@pytest.fixture
async def make_engine(dsn: str) -> AsyncIterator[MakeEngine]:
    """Makes fixtures, all on one database, each with a connection of its own."""
    made: list[EngineFixture] = []

    async def make(*aggregates: AnyAggregate, limits: Limits = LIMITS) -> EngineFixture:
        made.append(EngineFixture(await connect(dsn, 30), *(aggregates or (PATIENT,)), limits=limits))
        return made[-1]

    yield make
    for fixture in made:
        fixture.connection.terminate()


@pytest.fixture
async def fixture(make_engine: MakeEngine) -> EngineFixture:
    """A fixture that judges patients."""
    return await make_engine()


@pytest.fixture
def fake_engine() -> FakeEngine:
    """What a worker stands on."""
    return FakeEngine()


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Connection]:
    """A connection of the test's own to its database, which no migration ends."""
    connection = await connect(database, 60, application_name="test")
    yield connection
    connection.terminate()


@pytest.fixture
def become(database: str, monkeypatch: pytest.MonkeyPatch) -> Become:
    """Brings the test's database to a version of the toy."""

    async def to(aggregate: AnyAggregate, *converters: Converter, scripts: Sequence[str] = ()) -> list[str]:
        monkeypatch.setattr(migrating, "migrations", known_migrations(MIGRATIONS, scripts))
        monkeypatch.setattr(migrating, "converters", lambda package: converters)
        return await migrate(database, SERVICE, [aggregate], MIGRATIONS)

    return to
