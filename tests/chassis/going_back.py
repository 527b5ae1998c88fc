"""A store that goes back: what a process that looks at it knows, what it does not, and what is settled of it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from chassis.epoch import Epochs
from chassis.reading import Wake
from chassis.store import Connection, connect, sql
from schemas.topics import PARTITIONS
from tests.chassis.desk import Desk
from tests.chassis.own_words import Bus
from tests.chassis.toy import PATIENT, hour

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


async def settle(desk: Desk, read_to: int) -> None:
    """What can be settled once all topics have been read up to an hour."""
    reading_to = [list(range(PARTITIONS)), [hour(read_to)] * PARTITIONS, 1_000]
    rows = await desk.connection.fetch(sql("find_lost"), *reading_to)
    wakes = [Wake(PATIENT, row["key"], row["partition"], settles=True) for row in rows]
    await desk.take(wakes=wakes, read_to=hour(read_to))


def temperatures(bus: Bus) -> dict[str, list[float]]:
    """Case → the temperatures that stand for whoever reads the bus."""
    told: dict[str, list[float]] = {}
    for envelope in bus.says().values():
        told.setdefault(envelope.subject, []).append(envelope.data["temperature_c"])
    return {case: sorted(values) for case, values in told.items()}
