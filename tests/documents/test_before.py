"""Databases made before tables were made by migrations go on: the same tables, recognised, with all that is in them."""

import json
from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from chassis.store.connection import Connection, connect
from chassis.store.migrate import MigrationChanged, migrate, migrations

BEFORE: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / "tables_before.json").read_text("utf-8"))
"""Service → the scripts that the code drew up at each start, as of commit caac0f5."""
CHASSIS_BEFORE = ("0001_chassis.sql", "0002_stuck.sql", "0003_document.sql")
SERVICES_BEFORE = ("0001_tallies.sql", "0001_worklists.sql", "0001_institutions.sql", "0002_worklists.sql")

every_service = pytest.mark.parametrize("service", BEFORE)


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Connection]:
    connection = await connect(database, 60, application_name="test")
    yield connection
    connection.terminate()


def aggregates_of(service: str) -> Sequence[Any]:
    aggregates: Sequence[Any] = import_module(f"services.{service}.routes").AGGREGATES
    return aggregates


async def make_as_before(connection: Connection, service: str) -> None:
    """A database as that commit made it: the chassis, the tables drawn from the code, the service's own migrations."""
    first = [one[:2] for one in migrations("chassis") if one.name.endswith(CHASSIS_BEFORE)]
    its = [one[:2] for one in migrations(f"services.{service}") if one.name.endswith(SERVICES_BEFORE)]
    await connection.execute(
        "CREATE TABLE migration (name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz DEFAULT now())"
    )
    for name, script in (*first, *BEFORE[service].items(), *its):
        await connection.execute(script)
        digest = sha256(script.encode()).hexdigest()
        await connection.execute("INSERT INTO migration (name, digest) VALUES ($1, $2)", name, digest)


async def schema(connection: Connection) -> list[tuple[Any, ...]]:
    """Every column, index and trigger of this database."""
    rows = await connection.fetch(
        "SELECT 'column', table_name::text, column_name::text, concat_ws(' ', data_type, is_nullable, column_default) "
        "FROM information_schema.columns WHERE table_schema = current_schema() "
        "UNION ALL SELECT 'index', tablename::text, indexname::text, replace(indexdef, current_schema() || '.', '') "
        "FROM pg_indexes WHERE schemaname = current_schema() "
        "UNION ALL SELECT 'trigger', event_object_table::text, trigger_name::text, event_manipulation "
        "FROM information_schema.triggers WHERE trigger_schema = current_schema() ORDER BY 1, 2, 3, 4"
    )
    return [tuple(row) for row in rows]


@every_service
async def test_a_database_made_before_is_recognised_and_becomes_as_a_new_one(
    connection: Connection, database: str, service: str
) -> None:
    await make_as_before(connection, service)
    (table, *_) = (name.partition("/")[2] for name in BEFORE[service])
    await connection.execute(f"INSERT INTO {table} (key) VALUES ('kept')")
    applied = await migrate(database, service, aggregates_of(service))
    assert not [name for name in applied if "/0000_" in name], "no table is made a second time"
    names = {row["name"] for row in await connection.fetch("SELECT name FROM migration")}
    assert not [name for name in names if name.startswith("table/")]
    assert names == {one.name for package in ("chassis", f"services.{service}") for one in migrations(package)}
    assert await connection.fetchval(f"SELECT key FROM {table}") == "kept"
    assert await migrate(database, service, aggregates_of(service)) == []
    as_before = await schema(connection)
    await connection.execute("CREATE SCHEMA anew; SET search_path = anew")
    await migrate(f"{database.partition('?')[0]}?search_path=anew", service, aggregates_of(service))
    as_new = await schema(connection)
    await connection.execute("DROP SCHEMA anew CASCADE")
    assert as_before == as_new


async def test_a_table_that_was_made_in_another_way_is_not_taken_for_the_same(
    connection: Connection, database: str
) -> None:
    await make_as_before(connection, "followup")
    await connection.execute("UPDATE migration SET digest = 'other' WHERE name = 'table/followup_case'")
    with pytest.raises(MigrationChanged, match=r"table/followup_case, now services.followup/0000_followup_case.sql"):
        await migrate(database, "followup", aggregates_of("followup"))


@every_service
def test_every_table_drawn_from_the_code_before_has_its_migration(service: str) -> None:
    known = {name: digest for one in migrations(f"services.{service}") for name, digest in one.formerly.items()}
    assert known == {name: sha256(script.encode()).hexdigest() for name, script in BEFORE[service].items()}
