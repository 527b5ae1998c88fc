"""Whether a database and the code fit together: the shape of the documents, and the columns of the small tables."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import asyncpg
import msgspec

from chassis.decide.aggregate import AnyAggregate, AnyReadModel
from chassis.store.connection import Connection, sql
from chassis.store.read_models import create_table
from chassis.store.upgrading.documents import Part, Shape, fingerprint, in_present_words, shape_of
from schemas.topic import PARTITIONS

statement = partial(sql, package="chassis.store.upgrading.sql")
"""A statement in `chassis/store/upgrading/sql`."""
_shapes = msgspec.json.Decoder(dict[str, Part])


class DoesNotFit(Exception):
    """This code must not work on this database; the message says what differs, and what to do."""


class Held(NamedTuple):
    """What a database says of the documents of one kind."""

    fingerprint: str
    shape: Shape
    converting_from: str | None
    converted_to: str
    former: Sequence[str]
    redrawing: bool


async def held_shapes(connection: Connection) -> dict[str, Held]:
    """By kind, what the documents in this database look like; nothing of it where that has not been kept yet."""
    try:
        rows = await connection.fetch(statement("read_shapes"))
    except asyncpg.UndefinedTableError:
        return {}
    return {row["kind"]: _held(row) for row in rows}


def _held(row: Mapping[str, Any]) -> Held:
    stored = _shapes.decode(row["shape"])
    shape = in_present_words(stored)
    named = row["fingerprint"] if shape == stored else fingerprint(shape)
    return Held(named, shape, row["converting_from"], row["converted_to"], row["former"], row["redrawing"])


async def partitions_of(connection: Connection) -> int:
    """To topics with how many partitions this database belongs; 0 where it has not been brought so far as to know."""
    try:
        return int(await connection.fetchval("SELECT count(*) FROM shard_stated"))
    except asyncpg.UndefinedTableError:
        return 0


async def check_fits(connection: Connection, service: str, aggregates: Sequence[AnyAggregate]) -> None:
    """Before a service works on a database. Raises DoesNotFit unless it was brought to exactly this code."""
    if (stored := await partitions_of(connection)) not in {0, PARTITIONS}:
        raise DoesNotFit(
            f"the database of {service} has {stored} partitions, and this code {PARTITIONS}: bring it to this version "
            "as docs/operations/more-partitions.md says, or start the version that it belongs to"
        )
    held = await held_shapes(connection)
    for aggregate in aggregates:
        _check_shape(service, aggregate.name, held.get(aggregate.name), fingerprint(shape_of(aggregate)))
    await check_tables(connection, service, aggregates)


def _check_shape(service: str, aggregate: str, held: Held | None, now: str) -> None:
    if held is None or (held.fingerprint != now and now not in held.former):
        raise DoesNotFit(
            f"the database of {service} has not been brought to this version of the code, whose documents of kind "
            f"{aggregate} are {now}: migrate it first (`afterward up` does; see docs/operations/upgrading.md)"
        )
    if held.fingerprint != now:
        raise older(service, aggregate, held.fingerprint)
    if held.converting_from is not None or held.redrawing:
        what = "converted" if held.converting_from is not None else "drawn from"
        raise DoesNotFit(
            f"the documents of kind {aggregate} of {service} are still being {what}: migrate its database with this "
            "version to the end first"
        )


def older(service: str, aggregate: str, stored: str) -> DoesNotFit:
    """What to say to code whose successor has already worked on the database."""
    return DoesNotFit(
        f"this code of {service} is older than its database: documents of kind {aggregate} are of a newer version "
        f"({stored}), and this code would lose or misread what it does not know. Start the newer version again, or "
        "restore the backup from before it"
    )


async def check_tables(connection: Connection, service: str, aggregates: Sequence[AnyAggregate]) -> None:
    """Raises DoesNotFit unless each small table has exactly the columns that the code declares, with their types."""
    tables = {aggregate.table.name: aggregate.table for aggregate in aggregates if aggregate.table is not None}
    declared = [(table.name, *one) for table in tables.values() for one in _declared(table)]
    if not declared:
        return
    rows = await connection.fetch(statement("other_columns"), *map(list, zip(*declared, strict=True)))
    if wrong := list(dict.fromkeys(_wrong(tables[row["named"]], row) for row in rows)):
        raise DoesNotFit(f"the database of {service} does not fit this code: {'; '.join(wrong)}{_advice(service)}")


def _declared(table: AnyReadModel) -> Iterator[tuple[str, str]]:
    yield "key", "text"
    yield from table.columns.items()


def _wrong(table: AnyReadModel, row: Mapping[str, Any]) -> str:
    name, column, declared, stored = table.name, row["col"], row["declared"], row["stored"]
    if not row["is_there"]:
        return f"there is no table {name}; a migration has to make it: {create_table(table)}"
    if declared is None:
        return (
            f"the table {name} has a column {column} ({stored}) that this code does not declare: it is older than the "
            "database, or a migration has to drop the column"
        )
    if stored is None:
        return f"the table {name} has no column {column}: ALTER TABLE {name} ADD COLUMN {column} {declared}"
    return f"the column {column} of the table {name} is {stored}, and the code declares {declared}"


def _advice(service: str) -> str:
    return (
        f". Tables are changed by migrations: add one to services/{service}/migrations, with `-- redraw: <kind>` where "
        "rows that are there already need it (docs/operations/upgrading.md)"
    )
