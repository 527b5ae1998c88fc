"""One database and one role a service, closed to all others, on our server and on a foreign one."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from afterward.stack.postgres import Postgres, ensure_databases
from afterward.stack.postgres.databases import CONNECTIONS

PASSWORDS = {
    "intake": "p@ss/w%rd 1",
    "intake_owner": "p@ss/w%rd 2",
    "discharge": "another",
    "discharge_owner": "yet another",
}

_OWNER = "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = current_database()"


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A running server."""
    server = Postgres(tmp_path_factory.mktemp("postgres"), durable=False)
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())
    server.remove()


async def test_each_service_has_a_database_of_which_another_role_is_the_owner(postgres: Postgres) -> None:
    dsns = await ensure_databases(postgres.dsn(), PASSWORDS)
    for name, both in dsns.items():
        for dsn, role in ((both.service, name), (both.owner, f"{name}_owner")):
            connection = await asyncpg.connect(dsn)
            assert await connection.fetchval("SELECT ARRAY[current_database(), current_user]") == [name, role]
            assert await connection.fetchval(_OWNER) == f"{name}_owner"
            await connection.close()


async def test_a_database_that_its_service_owned_goes_over_to_the_owner_with_all_that_is_in_it(
    postgres: Postgres,
) -> None:
    admin = await asyncpg.connect(postgres.dsn())
    await admin.execute("CREATE ROLE bulletin LOGIN PASSWORD 'before'")
    await admin.execute("CREATE DATABASE bulletin OWNER bulletin TEMPLATE template0")
    await admin.close()
    before = await asyncpg.connect(postgres.dsn("bulletin", "bulletin", "before"))
    await before.execute("CREATE TABLE facts (id int)")
    await before.close()
    passwords = {"bulletin": "now", "bulletin_owner": "now too"}
    dsns = await ensure_databases(postgres.dsn(), passwords)
    connection = await asyncpg.connect(dsns["bulletin"].owner)
    assert await connection.fetchval(_OWNER) == "bulletin_owner"
    assert await connection.fetchval("SELECT tableowner FROM pg_tables WHERE tablename = 'facts'") == "bulletin_owner"
    await connection.close()
    service = await asyncpg.connect(dsns["bulletin"].service)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service.execute("DROP TABLE facts")
    await service.close()
    assert dsns == await ensure_databases(postgres.dsn(), passwords)


async def test_a_service_cannot_open_the_database_of_another(postgres: Postgres) -> None:
    dsns = await ensure_databases(postgres.dsn(), PASSWORDS)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(dsns["intake"].service, database="discharge")


@pytest.mark.parametrize("database", ["postgres", "template1"])
async def test_on_a_server_of_ours_a_service_reaches_no_database_that_came_with_it(
    postgres: Postgres, database: str
) -> None:
    dsns = await ensure_databases(postgres.dsn(), PASSWORDS, ours=True)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(dsns["intake"].service, database=database)
    admin = await asyncpg.connect(postgres.dsn())
    await admin.execute("GRANT CONNECT ON DATABASE postgres, template1 TO PUBLIC")  # as the other tests expect
    await admin.close()


async def test_a_service_that_leaks_connections_leaves_some_to_the_others(postgres: Postgres) -> None:
    dsns = await ensure_databases(postgres.dsn(), PASSWORDS)
    leaked = [await asyncpg.connect(dsns["intake"].service) for _ in range(CONNECTIONS)]
    with pytest.raises(asyncpg.TooManyConnectionsError, match="role"):
        await asyncpg.connect(dsns["intake"].service)
    await (await asyncpg.connect(dsns["discharge"].service)).close()
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
    await (await asyncpg.connect(first["intake"].service)).close()


async def test_a_new_password_replaces_the_old_one(postgres: Postgres) -> None:
    (old,) = (await ensure_databases(postgres.dsn(), {"followup": "old", "followup_owner": "o"})).values()
    (new,) = (await ensure_databases(postgres.dsn(), {"followup": "new", "followup_owner": "n"})).values()
    await (await asyncpg.connect(new.service)).close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(old.service)


async def test_on_a_foreign_server_it_is_enough_to_may_create_databases_and_roles(postgres: Postgres) -> None:
    admin = await asyncpg.connect(postgres.dsn())
    await admin.execute("CREATE ROLE administrator LOGIN CREATEDB CREATEROLE PASSWORD 'secret'")
    await admin.close()
    foreign = postgres.dsn(user="administrator", password="secret") + "?application_name=setup"
    for _ in range(2):
        dsns = await ensure_databases(foreign, {"treatment": "secret", "treatment_owner": "other"})
    assert dsns["treatment"].service.endswith("/treatment?application_name=setup")
    connection = await asyncpg.connect(dsns["treatment"].owner)
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


async def test_a_service_without_a_password_for_its_owner_is_refused(postgres: Postgres) -> None:
    with pytest.raises(ValueError, match="primarycare_owner has none"):
        await ensure_databases(postgres.dsn(), {"primarycare": "secret"})
