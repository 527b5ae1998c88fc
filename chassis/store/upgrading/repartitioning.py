"""The move to topics of the next version with more partitions: every row and every event goes to its new partition.

A key's partition is kept in its rows, and is the shard of its events. So a database belongs to one number of
partitions, and says which: it has a row of `shard_stated` for each. docs/operations/more-partitions.md is the runbook.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from chassis.ids import partition_of
from chassis.store.connection import Connection
from chassis.store.upgrading.fitting import DoesNotFit, partitions_of, statement

AT_ONCE: Final = 10_000
"""Keys that are read and placed at once."""
_LEFT: Final = {
    "events that the bus has not acknowledged": "SELECT count(*) FROM outbox",
    "parked records on their way back in": "SELECT count(*) FROM parked WHERE replay",
    "lost words to be settled": "SELECT count(*) FROM lost_word",
}


async def repartition(connection: Connection, service: str, partitions: int, topics: Iterable[str]) -> bool:
    """Brings a database to so many partitions; whether it had another number.

    `topics`: all there are, by their names of today; what is kept of the version before them gets these names. All of
    it is one transaction, which takes about as long as writing the archive anew.

    Raises:
        DoesNotFit: the database has more partitions, or there is something left to do with those that it has.
    """
    before = await partitions_of(connection)
    if before == partitions:
        return False
    if before > partitions:
        raise DoesNotFit(
            f"the database of {service} has {before} partitions, and this code {partitions}: this code is older than "
            "its database. Start the newer version again, or restore the backup from before it"
        )
    async with connection.transaction():
        await connection.execute("LOCK TABLE state, archive, parked, wakes, shard_stated, shard_sent IN EXCLUSIVE MODE")
        await _check_drained(connection, service, before, partitions)
        await _place(connection, partitions)
        await _name(connection, topics)
        for name in ("place_rows", "place_events"):
            await connection.execute(statement(name))
        await connection.execute(statement("begin_shards"), partitions)
    return True


async def _check_drained(connection: Connection, service: str, before: int, partitions: int) -> None:
    counted = {what: int(await connection.fetchval(asked)) for what, asked in _LEFT.items()}
    if left := ", ".join(f"{number} {what}" for what, number in counted.items() if number):
        raise DoesNotFit(
            f"the database of {service} has {before} partitions, this code {partitions}, and there are still {left}. "
            "Start the version before and let it come to rest (docs/operations/more-partitions.md)"
        )


async def _place(connection: Connection, partitions: int) -> None:
    """The new partition of every key, in a table that lasts as long as the transaction."""
    await connection.execute(
        "CREATE TEMPORARY TABLE placed (key text PRIMARY KEY, partition integer NOT NULL) ON COMMIT DROP"
    )
    keys = [row["key"] async for row in connection.cursor(statement("every_key"), prefetch=AT_ONCE)]
    for first in range(0, len(keys), AT_ONCE):
        records = [(key, partition_of(key, partitions)) for key in keys[first : first + AT_ONCE]]
        await connection.copy_records_to_table("placed", records=records)


async def _name(connection: Connection, topics: Iterable[str]) -> None:
    await connection.execute(
        "CREATE TEMPORARY TABLE renamed (stem text PRIMARY KEY, topic text NOT NULL) ON COMMIT DROP"
    )
    await connection.copy_records_to_table("renamed", records=list(_by_stem(topics).items()))


def _by_stem(topics: Iterable[str]) -> Mapping[str, str]:
    return {topic.rpartition(".v")[0]: topic for topic in topics}
