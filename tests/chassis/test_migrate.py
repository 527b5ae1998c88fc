"""A database is brought up to date once, and what was applied is never edited."""

import asyncio
from datetime import UTC, datetime
from importlib.resources import files

import asyncpg
import pytest

from chassis import migrate as migrating
from chassis.migrate import ArchiveMonths, MigrationChanged, migrate, migrations, month_of
from chassis.store import connect
from tests.chassis.desk import SERVICE
from tests.chassis.toy import COUNTED_PATIENT, PATIENT, WARD

KINDS = [COUNTED_PATIENT, WARD]


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
    first = await migrate(database, SERVICE, KINDS)
    ours = ["0001_chassis.sql", "0002_stuck.sql", "0003_document.sql"]
    assert first == [*(f"chassis/{name}" for name in ours), "table/toy_fever"]
    assert await migrate(database, SERVICE, KINDS) == []


async def test_two_processes_that_start_at_once_apply_everything_once(database: str) -> None:
    applied = await asyncio.gather(*(migrate(database, SERVICE, KINDS) for _ in range(3)))
    assert sorted(map(len, applied)) == [0, 0, len(list(migrations(SERVICE, KINDS)))]


async def test_a_migration_that_was_edited_after_it_had_been_applied_is_refused(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(database, SERVICE, [PATIENT])
    edited = [(name, f"{script}\n-- a second thought") for name, script in migrations(SERVICE, [PATIENT])]
    monkeypatch.setattr(migrating, "migrations", lambda service, kinds: edited)
    with pytest.raises(MigrationChanged, match=r"0001_chassis.sql was changed .* add a new migration"):
        await migrate(database, SERVICE, [PATIENT])


async def test_a_migration_that_fails_leaves_those_before_it_and_can_be_tried_again(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = list(migrations(SERVICE, [PATIENT]))
    broken = [*good, ("service/0002.sql", "CREATE TABLE half (); SELECT nonsense")]
    monkeypatch.setattr(migrating, "migrations", lambda service, kinds: broken)
    with pytest.raises(asyncpg.UndefinedColumnError):
        await migrate(database, SERVICE, [PATIENT])
    monkeypatch.setattr(
        migrating, "migrations", lambda service, kinds: [*good, ("service/0002.sql", "CREATE TABLE half ()")]
    )
    assert await migrate(database, SERVICE, [PATIENT]) == ["service/0002.sql"]


def test_the_services_own_migrations_come_after_its_tables() -> None:
    from services.bulletin.routes import KINDS as BULLETIN  # noqa: PLC0415 - it has tables and migrations

    names = [name for name, _ in migrations("bulletin", BULLETIN)]
    tables = [kind.table for kind in BULLETIN if kind.table]
    own = [f"services.bulletin/{file.name}" for file in files("services.bulletin").joinpath("migrations").iterdir()]
    assert names[-len(own) :] == sorted(own)
    assert [name.partition("/")[0] for name in names[: -len(own)]] == ["chassis"] * 3 + ["table"] * len(tables)


async def test_the_archive_has_a_partition_for_this_month_and_the_next(database: str) -> None:
    await migrate(database, SERVICE, KINDS)
    connection = await connect(database, 30)
    months = ArchiveMonths()
    await months.ensure(connection, datetime(2020, 12, 31, 23, 59, tzinfo=UTC))
    await ArchiveMonths().ensure(connection, datetime(2020, 12, 5, tzinfo=UTC))
    assert await partitions(database) == ["archive_2020_12", "archive_2021_01"]
    await months.ensure(connection, datetime(2021, 1, 1, tzinfo=UTC))
    assert await partitions(database) == ["archive_2020_12", "archive_2021_01", "archive_2021_02"]
    await connection.close()


async def test_two_processes_may_prepare_the_same_month_at_once(database: str) -> None:
    await migrate(database, SERVICE, KINDS)
    connections = [await connect(database, 30) for _ in range(3)]
    await asyncio.gather(*(ArchiveMonths().ensure(one, datetime(2020, 2, 29, tzinfo=UTC)) for one in connections))
    assert await partitions(database) == ["archive_2020_02", "archive_2020_03"]
    for connection in connections:
        await connection.close()


def test_a_month_begins_in_utc_wherever_the_instant_was_written() -> None:
    shanghai = datetime.fromisoformat("2020-11-01T07:59:59+08:00")
    assert month_of(shanghai) == datetime(2020, 10, 1, tzinfo=UTC)
