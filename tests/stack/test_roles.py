"""What the roles of a service may do in its database and in the others, cell by cell, and that it is enough to run."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg
import pytest

from afterward.stack.postgres import Postgres, RoleDsns, ensure_databases
from afterward.stack.supervisor import aggregates_of
from chassis.store.migrate import ArchiveMonths, migrate
from chassis.store.rights import APPEND_ONLY, READ_ONLY, owner_of
from schemas.services import EVERY_SERVICE

PASSWORDS: Final = {role: f"of {role}" for service in EVERY_SERVICE for role in (service, owner_of(service))}
DATABASES: Final = (*EVERY_SERVICE, "postgres", "template1")
TABLES: Final = (
    "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
)
ON_TABLES: Final = {
    "select": "SELECT FROM {0} LIMIT 0",
    "insert": "INSERT INTO {0} ({1}) SELECT {1} FROM {0} WHERE false",
    "update": "UPDATE {0} SET {1} = {1} WHERE false",
    "delete": "DELETE FROM {0} WHERE false",
    "truncate": "TRUNCATE {0} CASCADE",
    "alter": "ALTER TABLE {0} SET (autovacuum_enabled = true)",
    "add a column": "ALTER TABLE {0} ADD COLUMN added int",
    "lock": "LOCK TABLE {0} IN ACCESS EXCLUSIVE MODE",
    "own": "ALTER TABLE {0} OWNER TO CURRENT_USER",
    "trigger": "CREATE TRIGGER added BEFORE UPDATE ON {0} FOR EACH ROW "
    "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "drop": "DROP TABLE {0} CASCADE",
}
IN_DATABASES: Final = {
    "create table": "CREATE TABLE made (id int)",
    "create temporary table": "CREATE TEMPORARY TABLE made (id int)",
    "create schema": "CREATE SCHEMA made",
    "create function": "CREATE FUNCTION made() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "create extension": "CREATE EXTENSION file_fdw",
    "create role": "CREATE ROLE made",
    "create database": "CREATE DATABASE made",
    "become the owner": 'SET ROLE "{owner}"',
    "become superuser": "SET ROLE postgres",
    "read a file": "SELECT pg_read_file('postgresql.conf')",
    "read passwords": "SELECT passwd FROM pg_shadow",
    "run a program": "COPY (SELECT 1) TO PROGRAM 'true'",
    "change the server": "ALTER SYSTEM SET work_mem = '1MB'",
    "rename a month's maker": "ALTER FUNCTION make_archive_month(timestamptz) RENAME TO made",
}
_OUTSIDE_TRANSACTIONS: Final = ("CREATE DATABASE", "ALTER SYSTEM")
OF_OWNER: Final = frozenset({"create table", "create temporary table", "create schema", "create function"}) | {
    "rename a month's maker",
    "become the owner",
}


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A running server."""
    server = Postgres(tmp_path_factory.mktemp("postgres"), durable=False)
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())
    server.remove()


@pytest.fixture(scope="module")
def dsns(postgres: Postgres) -> dict[str, RoleDsns]:
    """The databases of all services, migrated by their owners."""
    return asyncio.run(_made(postgres))


async def _made(postgres: Postgres) -> dict[str, RoleDsns]:
    dsns = await ensure_databases(postgres.dsn(), PASSWORDS, ours=True)
    for name, both in dsns.items():
        await migrate(both.owner, name, aggregates_of(name))
    return dsns


@contextlib.asynccontextmanager
async def _connected(dsn: str, **where: Any) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn, **where)
    try:
        yield connection
    finally:
        await connection.close()


async def allows(connection: asyncpg.Connection, statement: str) -> bool:
    """Whether a statement is allowed, whatever else is wrong with it; it is never committed."""
    if statement.startswith(_OUTSIDE_TRANSACTIONS):
        try:
            await connection.execute(statement)
        except asyncpg.InsufficientPrivilegeError:
            return False
        return True
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(statement)
    except asyncpg.InsufficientPrivilegeError:
        return False
    finally:
        await transaction.rollback()
    return True


def rights_of(table: str) -> set[str]:
    """What a service may do with a table."""
    if table in READ_ONLY:
        return {"select"}
    return {"select", "insert"} if table in APPEND_ONLY else {"select", "insert", "update", "delete", "lock"}


async def test_a_role_reaches_its_own_database_and_no_other(dsns: dict[str, RoleDsns]) -> None:
    for service, both in dsns.items():
        for dsn in (both.service, both.owner):
            for database in DATABASES:
                if database == service:
                    await (await asyncpg.connect(dsn)).close()
                else:
                    with pytest.raises(asyncpg.InsufficientPrivilegeError):
                        await asyncpg.connect(dsn, database=database)


@pytest.mark.parametrize("service", EVERY_SERVICE)
async def test_a_service_changes_rows_and_nothing_else(dsns: dict[str, RoleDsns], service: str) -> None:
    async with _connected(dsns[service].service) as connection:
        tables = [row[0] for row in await connection.fetch(TABLES)]
        assert {*READ_ONLY, "archive", "state"} <= set(tables)
        differing = []
        for table in tables:
            column = await connection.fetchval(
                "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 "
                "AND attidentity = '' AND attgenerated = '' AND NOT attisdropped LIMIT 1",
                table,
            )
            for does, statement in ON_TABLES.items():
                allowed = await allows(connection, statement.format(table, column))
                if allowed is not (does in rights_of(table)):
                    differing.append((table, does, allowed))
        assert differing == []


@pytest.mark.parametrize("service", EVERY_SERVICE)
async def test_only_the_owner_makes_anything_and_neither_leaves_its_database(
    dsns: dict[str, RoleDsns], service: str
) -> None:
    for dsn, may in ((dsns[service].service, frozenset()), (dsns[service].owner, OF_OWNER)):
        async with _connected(dsn) as connection:
            found = {
                does
                for does, statement in IN_DATABASES.items()
                if await allows(connection, statement.format(owner=owner_of(service)))
            }
            assert found == may


async def test_a_service_makes_the_months_of_its_archive_and_no_other_table(dsns: dict[str, RoleDsns]) -> None:
    async with _connected(dsns["intake"].service) as connection:
        await ArchiveMonths().ensure(connection, datetime(2021, 12, 31, 23, 59, tzinfo=UTC))
        months = await connection.fetch(
            "SELECT relname::text, pg_get_userbyid(relowner)::text, pg_get_expr(relpartbound, oid) FROM pg_class "
            "WHERE relispartition AND relkind = 'r' ORDER BY relname"
        )
        assert [tuple(row) for row in months] == [
            (
                "archive_2021_12",
                "intake_owner",
                "FOR VALUES FROM ('2021-12-01 00:00:00+00') TO ('2022-01-01 00:00:00+00')",
            ),
            (
                "archive_2022_01",
                "intake_owner",
                "FOR VALUES FROM ('2022-01-01 00:00:00+00') TO ('2022-02-01 00:00:00+00')",
            ),
        ]
        for instant in ("-infinity", "1800-01-01", "9999-01-01"):
            with pytest.raises(asyncpg.DatetimeFieldOverflowError):
                await connection.execute(f"SELECT make_archive_month('{instant}')")
        await connection.execute("SET search_path = pg_catalog")
        await connection.execute("SELECT public.make_archive_month('2021-12-01')")
        for month in ("archive_2021_12", "archive_2022_01"):
            assert not await allows(connection, f"DELETE FROM public.{month}")


async def test_a_table_that_a_later_migration_makes_is_the_services_to_use(dsns: dict[str, RoleDsns]) -> None:
    async with _connected(dsns["followup"].owner) as owner, _connected(dsns["followup"].service) as service:
        await owner.execute("CREATE TABLE later (id bigint GENERATED ALWAYS AS IDENTITY, access text)")
        await owner.execute("GRANT ALL ON archive TO followup")
        assert not await allows(service, "SELECT FROM later")
        await migrate(dsns["followup"].owner, "followup", aggregates_of("followup"))
        for statement in ("INSERT INTO later (access) VALUES ('x')", "SELECT FROM later", "DELETE FROM later"):
            assert await allows(service, statement)
        assert not await allows(service, "DELETE FROM archive")
        await owner.execute("DROP TABLE later")


async def test_a_migration_ends_the_sessions_of_the_service_whose_code_may_not_fit(dsns: dict[str, RoleDsns]) -> None:
    settings = {"application_name": "afterward"}
    async with (
        _connected(dsns["contact"].owner) as owner,
        _connected(dsns["contact"].service, server_settings=settings) as service,
        _connected(dsns["contact"].service, server_settings={"application_name": "psql"}) as other,
    ):
        await owner.execute("INSERT INTO redraw (kind) VALUES ('of no table')")
        await migrate(dsns["contact"].owner, "contact", aggregates_of("contact"))
        with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.InterfaceError)):
            await service.fetchval("SELECT 1")
        assert await other.fetchval("SELECT 1") == 1
        await owner.execute("DELETE FROM redraw")
