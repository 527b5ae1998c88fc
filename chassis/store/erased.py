"""What was erased stays so: a message about it makes no row, and is passed over."""

from collections.abc import Collection, Sequence
from typing import Any, TypeVar

from chassis.consume.reader import Keyed
from chassis.decide.together import about
from chassis.store.connection import Connection, columns, sql
from chassis.store.unit_of_work import UnitOfWork

ItemT = TypeVar("ItemT", bound=Keyed)


async def but_erased(connection: Connection, rows: Sequence[Any]) -> Sequence[Any]:
    """Locked rows without those of things that were erased, which are gone again.

    Only a row that holds nothing yet may be of one: whoever erases holds the lock of the row, and leaves none behind.
    """
    new = [(row["kind"], row["key"]) for row in rows if row["document"] is None]
    if not new:
        return rows
    dropped = {(row["kind"], row["key"]) for row in await connection.fetch(sql("drop_erased"), *columns(new, 2))}
    return [row for row in rows if (row["kind"], row["key"]) not in dropped] if dropped else rows


def of_known(unit: UnitOfWork, items: Sequence[ItemT], known: Collection[tuple[str, str]]) -> list[ItemT]:
    """Without what is about things that were erased, which is counted and passed over."""
    left = [item for item in items if about(item) in known]
    unit.erased += len(items) - len(left)
    return left
