"""A migrated database of the toy service for each test, and a desk to hand batches to its engine."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest

from chassis import migrate as migrating
from chassis.migrate import migrate
from chassis.quota import LIMITS, Limits
from chassis.routes import Kind
from chassis.store import Connection, connect
from chassis.upgrading.converting import Converter
from tests.chassis.desk import MIGRATIONS, SERVICE, Desk
from tests.chassis.toy import COUNTED_PATIENT, PATIENT, WARD
from tests.chassis.versions import Become, known_migrations
from tests.chassis.works import Works

MakeDesk = Callable[..., Awaitable[Desk]]
"""Kinds → a desk on a connection of its own; all desks of a test share its database."""


@pytest.fixture
async def dsn(database: str) -> str:
    """The toy service's own database, migrated."""
    await migrate(database, SERVICE, [COUNTED_PATIENT, WARD], MIGRATIONS)
    return database


@pytest.fixture
async def make_desk(dsn: str) -> AsyncIterator[MakeDesk]:
    """Makes desks, all on one database, each with a connection of its own."""
    made: list[Desk] = []

    async def make(*kinds: Kind, limits: Limits = LIMITS) -> Desk:
        made.append(Desk(await connect(dsn, 30), *(kinds or (PATIENT,)), limits=limits))
        return made[-1]

    yield make
    for desk in made:
        desk.connection.terminate()


@pytest.fixture
async def desk(make_desk: MakeDesk) -> Desk:
    """A desk that judges patients."""
    return await make_desk()


@pytest.fixture
def works() -> Works:
    """What a lane stands on."""
    return Works()


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Connection]:
    """A connection of the test's own to its database, which no migration ends."""
    connection = await connect(database, 60, application_name="test")
    yield connection
    connection.terminate()


@pytest.fixture
def become(database: str, monkeypatch: pytest.MonkeyPatch) -> Become:
    """Brings the test's database to a version of the toy."""

    async def to(kind: Kind, *converters: Converter, scripts: Sequence[str] = ()) -> list[str]:
        monkeypatch.setattr(migrating, "migrations", known_migrations(MIGRATIONS, scripts))
        monkeypatch.setattr(migrating, "converters", lambda package: converters)
        return await migrate(database, SERVICE, [kind], MIGRATIONS)

    return to
