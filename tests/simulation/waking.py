"""What the statements about wakes mean, carried out on rows in memory: see `statements`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chassis.decide.aggregate import Wakes

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


def _concerns(line: Wakes, row: Mapping[str, Any], changed: tuple[Any, ...]) -> bool:
    equal = tuple(row[name] for name in line.equal) == changed
    return equal and all(row[name] is value for name, value in line.having.items())


def wake_concerned(line: Wakes) -> Callable[..., Awaitable[None]]:
    """The statement that finds and wakes whom a change of a small table concerns, by a line of `routes.py`."""

    async def wake(transaction: "Transaction", *columns: Sequence[Any]) -> None:
        found: set[str] = set()
        for changed in {row for row in zip(*columns, strict=True) if None not in row}:
            rows = [row for _, row in transaction.scan(line.table.name) if _concerns(line, row, changed)]
            rows.sort(key=lambda row: [row[name] for name in line.order])
            found.update(row["key"] for row in rows[: line.first or None])
        for key in sorted(found):
            state = transaction.get("state", (line.woken.name, key))
            if state is not None:
                await add_wakes(transaction, [line.woken.name], [key], [state["partition"]])

    wake.__name__ = f"wake_{line.table.name}_{'_'.join(line.equal)}"
    return wake
