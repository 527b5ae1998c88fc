"""What the statements mean that tell how far a service has read; see `statements`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.simulation.answers import Found, found

if TYPE_CHECKING:
    from tests.simulation.store import Transaction

Keys = Sequence[str]


async def begin_reading(transaction: "Transaction", topics: Keys, partitions: Sequence[int]) -> list[Found]:
    places = sorted(set(zip(topics, partitions, strict=True)))
    known = [row for place in places if (row := transaction.get("read_offset", place)) is not None]
    for topic, partition in places:
        if transaction.get("read_offset", (topic, partition)) is None:
            await transaction.lock(("read_offset", topic, partition))
            if transaction.get("read_offset", (topic, partition)) is None:
                row = {"topic": topic, "partition": partition, "next_offset": 0, "stamp": None}
                transaction.put("read_offset", (topic, partition), row)
    return found("topic partition next_offset stamp", known)


async def note_read(transaction: "Transaction", *columns: Sequence[Any]) -> str:
    noted = 0
    for topic, partition, known, next_offset, stamp in zip(*columns, strict=True):
        if transaction.get("read_offset", (topic, partition)) is not None:
            await transaction.lock(("read_offset", topic, partition))
            row = transaction.get("read_offset", (topic, partition))
            if row is not None and row["next_offset"] >= known:
                further = {"next_offset": next_offset, "stamp": stamp} if next_offset > row["next_offset"] else {}
                transaction.put("read_offset", (topic, partition), row | further)
                noted += 1
    return f"UPDATE {noted}"


async def read_anew(transaction: "Transaction", *columns: Sequence[Any]) -> None:
    for topic, partition, next_offset in zip(*columns, strict=True):
        row = transaction.get("read_offset", (topic, partition))
        if row is not None and row["next_offset"] == next_offset:
            await transaction.lock(("read_offset", topic, partition))
            transaction.put("read_offset", (topic, partition), row | {"next_offset": 0, "stamp": None})


async def store_identity(transaction: "Transaction") -> Any:
    return next((row["id"] for _, row in transaction.scan("store_identity")), None)
