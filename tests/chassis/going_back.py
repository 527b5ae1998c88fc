"""A store that goes back, and what a process that looks at it stands on."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from chassis.epoch import Epochs
from chassis.store import Connection, connect
from tests.chassis.desk import Desk
from tests.chassis.own_words import Bus

_copies = count()


async def publish(desk: Desk, bus: Bus) -> None:
    """As the relay does."""
    rows = await desk.connection.fetch("SELECT topic, key, message FROM archive JOIN outbox USING (id) ORDER BY id")
    bus.records += [tuple(row) for row in rows]
    await desk.connection.execute("DELETE FROM outbox")


async def resting() -> None:
    """A relay that has nothing on its way."""


def epochs(
    desk: Desk,
    dsn: str,
    bus: Bus,
    known: Mapping[tuple[str, int], int] | None = None,
    at_rest: Callable[[], Awaitable[Any]] = resting,
) -> Epochs:
    """A process's, which knows how far the store has read, and has a relay."""
    desk.engine.bookmarks.begin(known or {})
    return Epochs(desk.engine, lambda: connect(dsn, 30), "", at_rest, bus.heard)


@asynccontextmanager
async def lost(desk: Desk) -> AsyncIterator[None]:
    """What happens within this the store does not know afterwards."""
    kept = f"kept_{next(_copies)}"
    names = ("state", "archive", "outbox", "parked", "read_offset", "store_identity", "lost_word")
    for name in names:
        await desk.connection.execute(f"CREATE TABLE {kept}_{name} AS TABLE {name}")
    yield
    for name in names:
        await desk.connection.execute(f"DELETE FROM {name}")
        identity = "OVERRIDING SYSTEM VALUE" if name == "parked" else ""
        await desk.connection.execute(f"INSERT INTO {name} {identity} TABLE {kept}_{name}")
        await desk.connection.execute(f"DROP TABLE {kept}_{name}")


async def replaced(connection: Connection) -> None:
    """The file of the cases is another one, as after a restore."""
    await connection.execute("VACUUM FULL state")
