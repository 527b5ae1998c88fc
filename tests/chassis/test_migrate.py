"""A database is brought up to date once, and what was applied is never edited."""

import asyncio
from datetime import UTC, datetime
from importlib.resources import files

import asyncpg
import pytest

from chassis.store import migrate as migrating
from chassis.store.connection import connect, sql
from chassis.store.migrate import ArchiveMonths, Migration, MigrationChanged, migrate, migrations, month_of
from tests.chassis.engine_fixture import MIGRATIONS, SERVICE
from tests.chassis.toy import COUNTED_PATIENT, WARD

AGGREGATES = [COUNTED_PATIENT, WARD]
TOY = migrations(MIGRATIONS)


async def migrate_toy(dsn: str) -> list[str]:
    """The names of the migrations that the toy's database was brought up to date by."""
    return await migrate(dsn, SERVICE, AGGREGATES, MIGRATIONS)


def replace_toys(monkeypatch: pytest.MonkeyPatch, *scripts: Migration) -> None:
    """The toy has these migrations instead of its own."""
    known = {"chassis": migrations("chassis"), MIGRATIONS: list(scripts)}
    monkeypatch.setattr(migrating, "migrations", known.__getitem__)


async def partitions(dsn: str) -> list[str]:
    """The archive's partitions."""
    connection = await connect(dsn, 30)
    rows = await connection.fetch(
        "SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid "
        "WHERE inhparent = 'archive'::regclass ORDER BY 1"
    )
    await connection.close()
    return [row["relname"] for row in rows]


async def test_the_first_time_everything_is_applied_and_the_second_time_nothing(database: str) -> None:
    first = await migrate_toy(database)
    assert first == [one.name for one in (*migrations("chassis"), *TOY)]
    assert first[0] == "chassis/0001_chassis.sql"
    assert first[-1] == "tests.chassis/0001_toy_fever.sql"
    assert await migrate_toy(database) == []


async def test_two_processes_that_start_at_once_apply_everything_once(database: str) -> None:
    applied = await asyncio.gather(*(migrate_toy(database) for _ in range(3)))
    assert sorted(map(len, applied)) == [0, 0, len(migrations("chassis")) + len(TOY)]


async def test_a_migration_that_was_edited_after_it_had_been_applied_is_refused(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate_toy(database)
    replace_toys(monkeypatch, *(Migration(name, f"{script}\n-- a second thought") for name, script in TOY))
    with pytest.raises(MigrationChanged, match=r"0001_toy_fever.sql was changed .* add a new migration"):
        await migrate_toy(database)


async def test_a_migration_that_fails_leaves_those_before_it_and_can_be_tried_again(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"{MIGRATIONS}/0002_half.sql"
    replace_toys(monkeypatch, *TOY, Migration(name, "CREATE TABLE half (); SELECT nonsense"))
    with pytest.raises(asyncpg.UndefinedColumnError):
        await migrate_toy(database)
    replace_toys(monkeypatch, *TOY, Migration(name, "CREATE TABLE half ()"))
    assert await migrate_toy(database) == [name]


def test_migrations_are_applied_in_the_order_of_their_numbers() -> None:
    names = [one.name for one in migrations("services.bulletin")]
    assert names == sorted(names)
    assert len(names) == len(list(files("services.bulletin").joinpath("migrations").iterdir()))


async def test_the_archive_has_a_partition_for_this_month_and_the_next(database: str) -> None:
    await migrate_toy(database)
    connection = await connect(database, 30)
    months = ArchiveMonths()
    await months.ensure(connection, datetime(2020, 12, 31, 23, 59, tzinfo=UTC))
    await ArchiveMonths().ensure(connection, datetime(2020, 12, 5, tzinfo=UTC))
    assert await partitions(database) == ["archive_2020_12", "archive_2021_01"]
    await months.ensure(connection, datetime(2021, 1, 1, tzinfo=UTC))
    assert await partitions(database) == ["archive_2020_12", "archive_2021_01", "archive_2021_02"]
    await connection.close()


async def test_two_processes_may_prepare_the_same_month_at_once(database: str) -> None:
    await migrate_toy(database)
    connections = [await connect(database, 30) for _ in range(3)]
    await asyncio.gather(*(ArchiveMonths().ensure(one, datetime(2020, 2, 29, tzinfo=UTC)) for one in connections))
    assert await partitions(database) == ["archive_2020_02", "archive_2020_03"]
    for connection in connections:
        await connection.close()


def test_a_month_begins_in_utc_wherever_the_instant_was_written() -> None:
    shanghai = datetime.fromisoformat("2020-11-01T07:59:59+08:00")
    assert month_of(shanghai) == datetime(2020, 10, 1, tzinfo=UTC)


def test_a_statement_that_is_not_there_is_a_defect_and_no_outage() -> None:
    with pytest.raises(LookupError, match=r"chassis\.store\.sql has no statement nothing"):
        sql("nothing")
