"""Brings a service's database up to date: the chassis' own migrations, the tables of its kinds, then the service's."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.resources import files
from typing import Any

from chassis.routes import Kind
from chassis.store import connect
from chassis.tables import create_table

LOCK = 4470
OLDEST_SERVER = 17
"""The first PostgreSQL with `transaction_timeout`."""
_HISTORY = """
CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz DEFAULT now())
"""


class MigrationChanged(Exception):
    """A migration that has been applied is not the one in the code any more: add a new one instead."""


class ServerTooOld(Exception):
    """This PostgreSQL does not know a setting without which a frozen process would keep its rows locked."""


async def migrate(dsn: str, service: str, kinds: Sequence[Kind]) -> list[str]:
    """Applies what has not been applied yet, each in a transaction of its own; returns the names of those.

    Raises:
        MigrationChanged: an applied migration was edited afterwards.
        ServerTooOld: PostgreSQL is older than `OLDEST_SERVER`.
    """
    connection = await connect(dsn, statement_timeout_seconds=600)
    try:
        if (version := connection.get_server_version()).major < OLDEST_SERVER:
            raise ServerTooOld(
                f"the PostgreSQL of {service} is {version.major}.{version.minor}; {OLDEST_SERVER} or newer is needed, "
                "whose transaction_timeout ends what a frozen process holds"
            )
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await connection.execute(_HISTORY)
        applied = dict(await connection.fetch("SELECT name, digest FROM migration"))
        return [name async for name in _apply(connection, service, kinds, applied)]
    finally:
        await connection.close()


async def _apply(connection: Any, service: str, kinds: Sequence[Kind], applied: dict[str, str]) -> Any:
    for name, script in migrations(service, kinds):
        digest = hashlib.sha256(script.encode()).hexdigest()
        if name in applied:
            if applied[name] != digest:
                raise MigrationChanged(f"{name} was changed after it had been applied; add a new migration instead")
            continue
        async with connection.transaction():
            await connection.execute(script)
            await connection.execute("INSERT INTO migration (name, digest) VALUES ($1, $2)", name, digest)
        yield name


def migrations(service: str, kinds: Sequence[Kind]) -> Iterator[tuple[str, str]]:
    """(name, script) of all migrations of a service, in the order in which they are applied."""
    yield from _folder("chassis")
    for kind in kinds:
        if kind.table is not None:
            yield f"table/{kind.table.name}", create_table(kind.table)
    yield from _folder(f"services.{service}")


def _folder(package: str) -> Iterator[tuple[str, str]]:
    folder = files(import_module(package)).joinpath("migrations")
    if folder.is_dir():
        for file in sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda f: f.name):
            yield f"{package}/{file.name}", file.read_text()


def month_of(instant: datetime) -> datetime:
    """The first instant of the month, in UTC, in which an archive partition begins."""
    return instant.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


class ArchiveMonths:
    """Makes the archive's partition of a month before the first event of that month is written."""

    def __init__(self) -> None:
        self._made: set[datetime] = set()

    async def ensure(self, connection: Any, instant: datetime) -> None:
        """The partitions of the month of `instant` and of the next one exist when this returns."""
        month = month_of(instant)
        if month in self._made:
            return
        after = _next(month)
        for first in (month, after):
            name = f"archive_{first:%Y_%m}"
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
                await connection.execute(
                    f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF archive "
                    f"FOR VALUES FROM ('{first.isoformat()}') TO ('{_next(first).isoformat()}')"
                )
        self._made.add(month)


def _next(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
