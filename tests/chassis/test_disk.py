"""A disk that fills up is told of while there is time; what it stops is done when there is room again."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from chassis.process.disk import full_percent, warnings
from chassis.process.service import Service
from chassis.process.settings import Settings
from chassis.store.connection import REFUSED_BY_STORE, STORE_FAILED
from services.directory.routes import AGGREGATES


def disks(monkeypatch: pytest.MonkeyPatch, **percent: int) -> None:
    """Folder → how full its disk is, of 1,000 blocks of which 50 are root's alone."""

    def statvfs(folder: Path) -> Any:
        if folder.name not in percent:
            raise FileNotFoundError(folder)
        used = 950 * percent[folder.name] // 100
        return SimpleNamespace(f_blocks=1000, f_bfree=1000 - used, f_bavail=950 - used)

    monkeypatch.setattr(os, "statvfs", statvfs)


def test_the_fullest_disk_counts_as_it_is_for_whoever_is_not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    disks(monkeypatch, a=40, b=92)
    assert full_percent([Path("/a"), Path("/b"), Path("/gone")]) == 92
    assert full_percent([Path("/gone")]) is None
    assert full_percent([]) is None


@pytest.mark.parametrize(("percent", "warned"), [(None, 0), (0, 0), (89, 0), (90, 1), (100, 1)])
def test_it_warns_from_ninety_percent_on(percent: int | None, warned: int) -> None:
    emitted = warnings(percent)
    assert len(emitted) == warned
    assert all(f"{percent} % full" in each for each in emitted)


async def test_health_warns_of_the_disks_that_a_service_was_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    disks(monkeypatch, data=95, postgres=20)
    service = Service(
        "directory", AGGREGATES, Settings(disk_folders="/data:/postgres", database_dsn="postgresql://127.0.0.1:1/x")
    )
    _, body = await service.health_body()
    assert body["warnings"] == warnings(95)


def test_a_full_disk_is_a_bad_moment_and_never_bad_data() -> None:
    """So a batch that the store has no room for is judged again until it has, and nothing of it is parked."""
    assert issubclass(asyncpg.DiskFullError, STORE_FAILED)
    assert not issubclass(asyncpg.DiskFullError, REFUSED_BY_STORE)
