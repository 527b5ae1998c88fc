"""What the statements about wakes mean, carried out on rows in memory: see `statements`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulation.store import Transaction

Keys = Sequence[str]


async def add_wakes(transaction: "Transaction", *columns: Sequence[Any]) -> None:
    for kind, key, partition in zip(*columns, strict=True):
        number = transaction.store.next_number("wakes")
        transaction.put("wakes", number, {"kind": kind, "key": key, "partition": partition})


async def take_wakes(transaction: "Transaction", aggregates: Keys, keys: Keys) -> None:
    woken = set(zip(aggregates, keys, strict=True))
    for number, row in list(transaction.scan("wakes")):
        if (row["kind"], row["key"]) in woken:
            transaction.put("wakes", number, None)
