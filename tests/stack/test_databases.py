"""One database and one role a service, closed to all others, on our server and on a foreign one."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from afterward.stack.postgres import Postgres, ensure_databases
from afterward.stack.postgres.databases import CONNECTIONS

PASSWORDS = {"intake": "p@ss/w%rd 1", "discharge": "another"}


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A running server."""
    server = Postgres(tmp_path_factory.mktemp("postgres"), durable=False)
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())
    server.remove()


async def test_each_service_owns_its_database(postgres: Postgres) -> None:
    dsns = await ensure_databases(postgres.dsn(), PASSWORDS)
    for name, dsn in dsns.items():
        connection = await asyncpg.connect(dsn)
        assert await connection.fetchval("SELECT current_database() || ' of ' || current_user") == f"{name} of {name}"
        await connection.execute("CREATE TABLE IF NOT EXISTS facts (id int)")
        await connection.close()


async def test_a_service_cannot_open_the_database_of_another(postgres: Postgres) -> None:
    dsns = await ensure_databases(postgres.dsn(), PASSWORDS)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(dsns["intake"], database="discharge")


@pytest.mark.parametrize("database", ["postgres", "template1"])
async def test_on_a_server_of_ours_a_service_reaches_no_database_that_came_with_it(
    postgres: Postgres, database: str
) -> None:
    dsns = await ensure_databases(postgres.dsn(), PASSWORDS, ours=True)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(dsns["intake"], database=database)
    admin = await asyncpg.connect(postgres.dsn())
    await admin.execute("GRANT CONNECT ON DATABASE postgres, template1 TO PUBLIC")  # as the other tests expect
    await admin.close()


async def test_a_service_that_leaks_connections_leaves_some_to_the_others(postgres: Postgres) -> None:
    dsns = await ensure_databases(postgres.dsn(), PASSWORDS)
    leaked = [await asyncpg.connect(dsns["intake"]) for _ in range(CONNECTIONS)]
    with pytest.raises(asyncpg.TooManyConnectionsError, match="role"):
        await asyncpg.connect(dsns["intake"])
    await (await asyncpg.connect(dsns["discharge"])).close()
    await asyncio.gather(*(connection.close() for connection in leaked))


async def test_a_limit_that_an_administrator_has_set_stays(postgres: Postgres) -> None:
    await ensure_databases(postgres.dsn(), PASSWORDS)
    admin = await asyncpg.connect(postgres.dsn())
    await admin.execute("ALTER ROLE discharge CONNECTION LIMIT 7")
    await ensure_databases(postgres.dsn(), PASSWORDS)
    assert await admin.fetchval("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'discharge'") == 7
    await admin.execute("ALTER ROLE discharge CONNECTION LIMIT -1")
    await admin.close()


async def test_doing_it_again_even_at_the_same_time_changes_nothing(postgres: Postgres) -> None:
    first, second = await asyncio.gather(*(ensure_databases(postgres.dsn(), PASSWORDS) for _ in range(2)))
    assert first == second == await ensure_databases(postgres.dsn(), PASSWORDS)
    await (await asyncpg.connect(first["intake"])).close()


async def test_a_new_password_replaces_the_old_one(postgres: Postgres) -> None:
    (old,) = (await ensure_databases(postgres.dsn(), {"followup": "old"})).values()
    (new,) = (await ensure_databases(postgres.dsn(), {"followup": "new"})).values()
    await (await asyncpg.connect(new)).close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(old)


async def test_on_a_foreign_server_it_is_enough_to_may_create_databases_and_roles(postgres: Postgres) -> None:
    admin = await asyncpg.connect(postgres.dsn())
    await admin.execute("CREATE ROLE administrator LOGIN CREATEDB CREATEROLE PASSWORD 'secret'")
    await admin.close()
    foreign = postgres.dsn(user="administrator", password="secret") + "?application_name=setup"
    for _ in range(2):
        dsns = await ensure_databases(foreign, {"treatment": "secret"})
    assert dsns["treatment"].endswith("/treatment?application_name=setup")
    connection = await asyncpg.connect(dsns["treatment"])
    await connection.execute("CREATE TABLE facts (id int)")
    await connection.close()


@pytest.mark.parametrize("name", ["Intake", "in-take", 'x"; DROP ROLE y', "", "a" * 64])
async def test_a_name_that_is_no_plain_identifier_is_refused_before_anything_is_made(
    postgres: Postgres, name: str
) -> None:
    with pytest.raises(ValueError, match="cannot name a database"):
        await ensure_databases(postgres.dsn(), {"fine": "secret", name: "secret"})
    with pytest.raises(asyncpg.PostgresError):
        await asyncpg.connect(postgres.dsn("fine"))
