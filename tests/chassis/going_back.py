"""A store that goes back: what a process that looks at it knows, what it does not, and what is settled of it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from chassis.consume.reader import Wake
from chassis.store.connection import Connection, connect, sql
from chassis.store.epoch import Epochs
from schemas.topic import PARTITIONS
from tests.chassis.engine_fixture import EngineFixture
from tests.chassis.own_words import Bus
from tests.chassis.toy import PATIENT, hour
from tests.outbox import ALL_SENT, AS_WRITTEN

_UNSENT = f"""
SELECT topic, key, message FROM archive
WHERE EXISTS (SELECT FROM outbox WHERE outbox.shard = archive.partition AND outbox.id = archive.id) {AS_WRITTEN}
"""
_copies = count()


async def publish(fixture: EngineFixture, bus: Bus) -> None:
    """As the relay does."""
    rows = await fixture.connection.fetch(_UNSENT)
    bus.records += [tuple(row) for row in rows]
    await fixture.connection.execute(ALL_SENT)


async def resting() -> None:
    """A relay that has nothing on its way."""


def epochs(
    fixture: EngineFixture,
    dsn: str,
    bus: Bus,
    known: Mapping[tuple[str, int], int] | None = None,
    at_rest: Callable[[], Awaitable[Any]] = resting,
) -> Epochs:
    """A process's, which knows how far the store has read, and has a relay."""
    fixture.engine.read_offsets.begin(known or {})
    return Epochs(fixture.engine, lambda: connect(dsn, 30), "", at_rest, bus.heard)


@asynccontextmanager
async def lost(fixture: EngineFixture) -> AsyncIterator[None]:
    """What happens within this the store does not know afterwards."""
    kept = f"kept_{next(_copies)}"
    names = ("state", "archive", "shard_stated", "shard_sent", "parked", "read_offset", "store_identity", "lost_word")
    for name in names:
        await fixture.connection.execute(f"CREATE TABLE {kept}_{name} AS TABLE {name}")
    yield
    for name in names:
        await fixture.connection.execute(f"DELETE FROM {name}")
        identity = "OVERRIDING SYSTEM VALUE" if name == "parked" else ""
        await fixture.connection.execute(f"INSERT INTO {name} {identity} TABLE {kept}_{name}")
        await fixture.connection.execute(f"DROP TABLE {kept}_{name}")


async def replaced(connection: Connection) -> None:
    """The file of the cases is another one, as after a restore."""
    await connection.execute("VACUUM FULL state")


async def settle(fixture: EngineFixture, watermark: int) -> None:
    """What can be settled once all topics have been read up to an hour."""
    reading_to = [list(range(PARTITIONS)), [hour(watermark)] * PARTITIONS, 1_000]
    rows = await fixture.connection.fetch(sql("find_lost"), *reading_to)
    wakes = [Wake(PATIENT, row["key"], row["partition"], settles=True) for row in rows]
    await fixture.take(wakes=wakes, watermark=hour(watermark))


def temperatures(bus: Bus) -> dict[str, list[float]]:
    """Case → the temperatures that stand for whoever reads the bus."""
    given: dict[str, list[float]] = {}
    for envelope in bus.says().values():
        given.setdefault(envelope.subject, []).append(envelope.data["temperature_c"])
    return {case: sorted(values) for case, values in given.items()}
