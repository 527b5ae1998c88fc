"""What each migration locks of what was there before it, as PostgreSQL says while it is applied.

python -m tests.documents.locks       writes the table of docs/operations/migration-locks.md, from a server of its own
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from afterward.stack.postgres import Postgres
from chassis.store.connection import Connection, connect
from chassis.store.migrate import Migration, migrations
from schemas.generate import with_section
from schemas.services import EVERY_SERVICE
from tests.documents.bearable import LOCKS, changes_rows, statements

PAGE: Final = Path(__file__).parents[2] / "docs" / "operations" / "migration-locks.md"
_HELD: Final = """
SELECT relname, mode FROM pg_locks JOIN pg_class ON pg_class.oid = relation
WHERE pid = pg_backend_pid() AND locktype = 'relation' AND relkind IN ('r', 'p') AND granted AND relation = ANY ($1)
"""
_THERE: Final = "SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')"
_AGAINST: Final = {
    "AccessExclusiveLock": "reads and writes",
    "ExclusiveLock": "writes",
    "ShareRowExclusiveLock": "writes",
    "ShareLock": "writes",
}
_GROWS: Final = ("CREATE INDEX", "CREATE UNIQUE INDEX", "UPDATE", "DELETE", "WITH")


class Locked(NamedTuple):
    """A migration, and (table, against what) of what it locks."""

    migration: Migration
    locks: frozenset[tuple[str, str]]


async def measured(connection: Connection, package: str) -> list[Locked]:
    """What each migration of the chassis, then of a package, locks; they stay applied."""
    return [await _apply(connection, one) for name in ("chassis", package) for one in migrations(name)]


async def _apply(connection: Connection, migration: Migration) -> Locked:
    async with connection.transaction():
        there = [row["oid"] for row in await connection.fetch(_THERE)]
        await connection.execute(f"{migration.script}\n;SELECT")
        held = await connection.fetch(_HELD, there)
        names = {
            row["relname"] for row in await connection.fetch("SELECT relname FROM pg_class WHERE oid = ANY ($1)", there)
        }
    strong = {row["relname"] for row in held if _AGAINST.get(row["mode"]) == "reads and writes"}
    locks = {(row["relname"], _AGAINST[row["mode"]]) for row in held if row["mode"] in _AGAINST}
    locks -= {(name, "writes") for name in strong}
    locks |= {(name, "changes of its rows") for name in changes_rows(migration.script) & names - {t for t, _ in locks}}
    return Locked(migration, frozenset(locks))


def _lines(locked: Locked) -> Iterator[str]:
    declared = {
        (found[2], found[3]): found[4] for line in locked.migration.script.splitlines() if (found := LOCKS.match(line))
    }
    name = locked.migration.name
    for table, against in sorted(locked.locks):
        yield f"| `{name}` | `{table}` against {against} | {declared.get((table, against)) or _landed(locked)} |"
    if not locked.locks:
        yield f"| `{name}` | nothing that was there | – |"


def _landed(locked: Locked) -> str:
    """Of one that was there before migrations had to say it: by what it does."""
    grows = any(one.startswith(_GROWS) or " TYPE " in one for one in statements(locked.migration.script))
    return "as long as reading the table takes" if grows else "an instant"


async def table() -> str:
    """The table of the page."""
    lines = ["| migration | locks | how long |", "|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        postgres = Postgres(Path(folder))
        await postgres.start()
        try:
            for number, service in enumerate(EVERY_SERVICE):
                connection = await connect(postgres.dsn(), 60, application_name="locks")
                await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
                for one in await measured(connection, f"services.{service}"):
                    if number == 0 or not one.migration.name.startswith("chassis/"):
                        lines += _lines(one)
                connection.terminate()
        finally:
            await postgres.stop()
            postgres.remove()
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(with_section(PAGE.read_text("utf-8"), "locks", asyncio.run(table())), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} is written\n")
