"""Brings a service's database to the code: migrations, the shape of its documents, and the tables drawn from them.

What is stored is changed by committed migrations only: the chassis' own in `chassis/store/migrations`, then the
service's in `services/<name>/migrations`. A line of a migration may say more than SQL can:

    -- redraw: <kind>               draw the kind's small table anew from its documents, once all migrations are applied
    -- formerly: <name> <digest>    a database that holds this one has been through the migration, under another name
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from typing import Any, NamedTuple

from chassis.database_access import DatabaseAccess
from chassis.decide.aggregate import AnyAggregate
from chassis.store.connection import Connection, connect, sql
from chassis.store.rights import give_rights
from chassis.store.upgrading import converting
from chassis.store.upgrading.converting import Converter
from chassis.store.upgrading.fitting import DoesNotFit, check_tables, statement
from chassis.store.upgrading.redrawing import redraw, redraws
from chassis.store.upgrading.repartitioning import repartition
from schemas.topic import PARTITIONS
from schemas.topics import TOPICS

LOCK = 4470
OLDEST_SERVER = 17
"""The first PostgreSQL with `transaction_timeout`."""
_HISTORY = """
CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz DEFAULT now())
"""
_CHASSIS = "chassis"
_LIE_IN = {_CHASSIS: "chassis.store"}
"""Packages whose migrations lie in another; databases know them under the name of the package."""


class MigrationChanged(Exception):
    """A migration that has been applied is not the one in the code any more: add a new one instead."""


class ServerTooOld(Exception):
    """This PostgreSQL does not know a setting without which a frozen process would keep its rows locked."""


class Migration(NamedTuple):
    """A script, by the name under which a database remembers it."""

    name: str
    script: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.script.encode()).hexdigest()

    @property
    def redraws(self) -> list[str]:
        """The kinds whose tables are drawn anew."""
        return re.findall(r"^-- redraw: (\w+)$", self.script, re.MULTILINE)

    @property
    def formerly(self) -> Mapping[str, str]:
        """Names under which the same was once applied → the digest that it had."""
        return dict(re.findall(r"^-- formerly: (\S+) (\w+)$", self.script, re.MULTILINE))


async def migrate(
    database: DatabaseAccess | str, service: str, aggregates: Sequence[AnyAggregate], package: str | None = None
) -> list[str]:
    """Applies what has not been applied yet, each in a transaction of its own; returns the names of those, and a move.

    `package`: where the service's migrations and converters lie, if not with the service. Whatever has to be converted
    or drawn anew is so when this returns. Until then, and if it ends before, no service of this code or another starts.

    Raises:
        MigrationChanged: an applied migration was edited afterwards.
        ServerTooOld: PostgreSQL is older than `OLDEST_SERVER`.
        DoesNotFit: the database is newer than the code, or holds documents or tables that no migration brings to it.
        ConversionFailed: a converter raised.
    """
    package = package or f"services.{service}"
    connection = await connect(database, statement_timeout_seconds=600, application_name="afterward migrating")
    try:
        await _check_server(connection, service)
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await connection.execute(_HISTORY)
        return await _bring_up_to_date(connection, service, aggregates, package)
    finally:
        await connection.close()


async def _check_server(connection: Connection, service: str) -> None:
    if (version := connection.get_server_version()).major < OLDEST_SERVER:
        raise ServerTooOld(
            f"the PostgreSQL of {service} is {version.major}.{version.minor}; {OLDEST_SERVER} or newer is needed, "
            "whose transaction_timeout ends what a frozen process holds"
        )


async def _bring_up_to_date(
    connection: Connection, service: str, aggregates: Sequence[AnyAggregate], package: str
) -> list[str]:
    applied = dict(await connection.fetch("SELECT name, digest FROM migration"))
    was_empty = not applied
    ours, its = migrations(_CHASSIS), migrations(package)
    _check_known(service, applied, {_CHASSIS: ours, package: its})
    steps = await converting.steps(connection, service, aggregates, converters(package))
    if not was_empty:
        _check_redraws(service, aggregates, (script for script in its if script.name not in applied))
    done = [name async for name in _apply(connection, [*ours, *its], applied)]  # from here on older code is refused
    moved = await repartition(connection, service, PARTITIONS, (topic.name for topic in TOPICS))
    await check_tables(connection, service, aggregates)
    await converting.begin(connection, steps)
    asked = await redraws(connection)
    if (done or steps or asked or moved) and not was_empty:
        await connection.execute(statement("end_others"))
    await converting.convert(connection, steps)
    await redraw(connection, aggregates)
    await give_rights(connection)
    return [*done, f"moved to {PARTITIONS} partitions"] if moved and not was_empty else done


def _check_known(service: str, applied: Mapping[str, str], known: Mapping[str, Sequence[Migration]]) -> None:
    """Raises DoesNotFit when a database has been through a migration of ours that this code does not have."""
    for package, scripts in known.items():
        names = {script.name for script in scripts}
        if newer := sorted(name for name in applied if name.startswith(f"{package}/") and name not in names):
            raise DoesNotFit(
                f"this code of {service} is older than its database, which has been through {', '.join(newer)}. "
                "Start the newer version again, or restore the backup from before it"
            )


def _check_redraws(service: str, aggregates: Sequence[AnyAggregate], scripts: Iterable[Migration]) -> None:
    """Raises DoesNotFit when a table is to be drawn anew that the code does not have."""
    drawn = [aggregate.name for aggregate in aggregates if aggregate.table is not None]
    for script in scripts:
        if unknown := set(script.redraws) - set(drawn):
            raise DoesNotFit(
                f"{script.name} of {service} asks to redraw {', '.join(sorted(unknown))}, and no kind of this name has "
                f"a table; there are {', '.join(drawn) or 'none'}"
            )


async def _apply(connection: Connection, scripts: Sequence[Migration], applied: dict[str, str]) -> Any:
    for script in scripts:
        if script.name not in applied:
            await _recognise(connection, script, applied)
        if script.name in applied:
            if applied[script.name] != script.digest:
                raise MigrationChanged(
                    f"{script.name} was changed after it had been applied; add a new migration instead"
                )
            continue
        async with connection.transaction():
            await connection.execute(f"{script.script}\n;SELECT")  # of nothing but comments, the client makes an error
            await connection.execute("INSERT INTO migration (name, digest) VALUES ($1, $2)", script.name, script.digest)
            for aggregate in script.redraws:
                await connection.execute(statement("begin_redraw"), aggregate)
        yield script.name


async def _recognise(connection: Connection, script: Migration, applied: dict[str, str]) -> None:
    """A database that has been through the same under its former name goes on under the present one."""
    for name, digest in script.formerly.items():
        if name in applied:
            if applied.pop(name) != digest:
                raise MigrationChanged(f"{name}, now {script.name}, was applied in a form that is not known any more")
            await connection.execute(
                "UPDATE migration SET name = $2, digest = $3 WHERE name = $1", name, script.name, script.digest
            )
            applied[script.name] = script.digest


def migrations(package: str) -> list[Migration]:
    """The migrations in a package, in the order in which they are applied."""
    folder = files(import_module(_LIE_IN.get(package, package))).joinpath("migrations")
    if not folder.is_dir():
        return []
    scripts = (file for file in folder.iterdir() if file.name.endswith(".sql"))
    return [Migration(f"{package}/{file.name}", file.read_text()) for file in sorted(scripts, key=lambda f: f.name)]


def converters(package: str) -> Sequence[Converter]:
    """The converters of a service; it has none unless it has a module of them."""
    name = f"{package}.converters"
    registered: Sequence[Converter] = import_module(name).CONVERTERS if find_spec(name) else ()
    return registered


def month_of(instant: datetime) -> datetime:
    """The first instant of the month, in UTC, in which an archive partition begins."""
    return instant.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


class ArchiveMonths:
    """Makes the archive's partition of a month before the first event of that month is written."""

    def __init__(self) -> None:
        self._made: set[datetime] = set()

    async def ensure(self, connection: Connection, instant: datetime) -> None:
        """The partitions of the month of `instant` and of the next one exist when this returns."""
        month = month_of(instant)
        if month in self._made:
            return
        after = _next(month)
        for first in (month, after):
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
                await connection.execute(sql("make_archive_month"), first)
        self._made.add(month)


def _next(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
