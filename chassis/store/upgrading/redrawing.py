"""The small table of a kind, drawn anew from its documents: what a new column of rows that are there needs."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from chassis.decide.aggregate import AnyAggregate, AnyReadModel
from chassis.decide.judge import State
from chassis.store.connection import Connection
from chassis.store.read_models import write_rows
from chassis.store.upgrading.converting import BATCH, document_type
from chassis.store.upgrading.fitting import statement

log = logging.getLogger("afterward.upgrading")


async def redraws(connection: Connection) -> dict[str, str]:
    """The kinds whose tables are being drawn anew → the key up to which they are."""
    return dict(await connection.fetch("SELECT kind, drawn_to FROM redraw"))


async def redraw(connection: Connection, aggregates: Sequence[AnyAggregate]) -> None:
    """Draws every table that a migration has asked for, a batch a transaction, from where it was left."""
    asked = await redraws(connection)
    for aggregate in aggregates:
        if aggregate.table is not None and aggregate.name in asked:
            await _redraw(connection, aggregate, aggregate.table, asked[aggregate.name])


async def _redraw(connection: Connection, aggregate: AnyAggregate, table: AnyReadModel, to: str) -> None:
    left_out = 0
    while True:
        async with connection.transaction():
            rows = await connection.fetch(statement("next_documents"), aggregate.name, to, BATCH)
            if not rows:
                await connection.execute("DELETE FROM redraw WHERE kind = $1", aggregate.name)
                break
            drawn = dict(_drawn(aggregate, table, rows))
            await write_rows(connection, table, drawn)
            to, left_out = rows[-1]["key"], left_out + len(rows) - len(drawn)
            await connection.execute("UPDATE redraw SET drawn_to = $2 WHERE kind = $1", aggregate.name, to)
    if left_out:
        log.warning("%s: %d documents could not be drawn from; their rows stay as they were", table.name, left_out)


def _drawn(
    aggregate: AnyAggregate, table: AnyReadModel, rows: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, Any]]:
    """The row of each case; none of one whose document, or whose row, is a defect: judging it parks it, and tells."""
    decode = msgspec.json.Decoder(document_type(aggregate)).decode
    for row in rows:
        try:
            facts, conclusions = decode(row["document"])
            yield row["key"], table.row(State(facts, conclusions, row["judged"]))
        except Exception:  # noqa: S112 - a defect of a service's rule, of any kind; they are counted
            continue
