"""A disk that is full stops PostgreSQL, and loses nothing of what was acknowledged: with room again it goes on."""

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from afterward.stack.postgres import Postgres
from afterward.stack.process import StartFailed
from afterward.stack.revival import Revival
from chassis.process.disk import full_percent, warnings

DISK, SPARE_BYTES, ROW_BYTES = "256m", 24 << 20, 100_000


@pytest.fixture
def disk(system_folder: Path) -> Iterator[Path]:
    """A disk of its own, as small as a server can begin on."""
    system_folder.chmod(0o755)  # as it is made where a server runs as nobody
    folder = system_folder / "disk"
    folder.mkdir(exist_ok=True)
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("only root can mount a disk of its own")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"this machine lets nobody mount: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def postgres(disk: Path, data_dir: Path) -> Iterator[Postgres]:
    """A server whose data lie on that disk."""
    data_dir.mkdir(mode=0o700)
    (data_dir / "postgres").symlink_to(disk / "data")
    server = Postgres(data_dir)
    yield server
    server.kill()


async def written_until_it_fails(dsn: str) -> int:
    """Rows written one a transaction, and acknowledged, until the server takes no more."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE IF NOT EXISTS facts (id int, body bytea)")
    await connection.execute("ALTER TABLE facts ALTER body SET STORAGE EXTERNAL")
    acknowledged = 0
    while True:
        try:
            await connection.execute("INSERT INTO facts VALUES ($1, $2)", acknowledged, os.urandom(ROW_BYTES))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            connection.terminate()
            return acknowledged
        acknowledged += 1


async def test_what_was_acknowledged_is_there_once_there_is_room_again(postgres: Postgres, disk: Path) -> None:
    await postgres.start()
    filler = disk / "filler"
    free = os.statvfs(disk)
    filler.write_bytes(bytes(free.f_bavail * free.f_bsize - SPARE_BYTES))
    assert warnings(full_percent([disk])), "there is a warning while there is still some room"

    acknowledged = await written_until_it_fails(postgres.dsn())
    assert acknowledged > 10

    given: list[str] = []
    revival = Revival("PostgreSQL", given.append)
    if postgres.is_running:  # it lives on, or is about to find out that it cannot
        postgres.kill()
    fill(disk)
    started = await revival.try_again(postgres.start)
    filler.unlink()
    (disk / "more").unlink(missing_ok=True)
    async with asyncio.timeout(120):
        while not started:
            started = await revival.try_again(postgres.start)
            await asyncio.sleep(0.1)
    assert (await kept(postgres.dsn()))[:acknowledged] == list(range(acknowledged))


def fill(disk: Path) -> None:
    """Leaves no room at all."""
    with (disk / "more").open("wb", buffering=0) as more, contextlib.suppress(OSError):
        while more.write(bytes(1 << 16)):
            pass


async def kept(dsn: str) -> list[int]:
    """The rows that are there."""
    connection = await asyncpg.connect(dsn)
    try:
        return [row["id"] for row in await connection.fetch("SELECT id FROM facts ORDER BY id")]
    finally:
        await connection.close()


async def test_a_server_without_any_room_says_that_it_cannot_start(postgres: Postgres, disk: Path) -> None:
    free = os.statvfs(disk)
    (disk / "filler").write_bytes(bytes(free.f_bavail * free.f_bsize))
    with pytest.raises((StartFailed, OSError)):
        await postgres.start()
