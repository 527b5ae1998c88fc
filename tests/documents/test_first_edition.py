"""Databases of the first edition go on: brought to today's tables, drawn anew, and judged by today's rules.

`first_edition.json` holds what commit d0383f3, the last of that edition, had: its migrations by name (they are never
edited), the shapes of its documents, and how many of the corpus were its own: the corpus only grows at its end.
"""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from chassis.decide.aggregate import AnyAggregate
from chassis.ids import partition_of
from chassis.store.connection import Connection, connect
from chassis.store.locked_row import LockedRow
from chassis.store.migrate import migrate, migrations
from schemas.topic import PARTITIONS
from tests.chassis.engine_fixture import Now
from tests.documents.corpus import Stored, read
from tests.services.alone import Alone

FIRST: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "first_edition.json").read_text("utf-8"))
AFTER = timedelta(days=40)
"""So long after the last document was judged the services of today have judged all that was due."""

every_service = pytest.mark.parametrize("service", FIRST["shapes"])


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Connection]:
    connection = await connect(database, 60, application_name="test")
    yield connection
    connection.terminate()


def aggregates_of(service: str) -> Sequence[AnyAggregate]:
    aggregates: Sequence[AnyAggregate] = import_module(f"services.{service}.routes").AGGREGATES
    return aggregates


def documents(service: str, aggregate: AnyAggregate) -> dict[str, Stored]:
    """By key, what the first edition stored of a kind: nothing of one that it did not have.

    The key of a day of the bulletin is its place and date, which its conclusions begin with.
    """
    name = f"{service}/{aggregate.name}"
    stored = read(name)[: FIRST["documents"].get(name, 0)]
    if aggregate.name == "day":
        return {"/".join(json.loads(one.document)[1][:2]): one for one in stored}
    return {f"{aggregate.name}-{number}": one for number, one in enumerate(stored)}


async def make(connection: Connection, service: str) -> None:
    """The database of a service as the first edition left it."""
    await connection.execute(
        "CREATE TABLE migration (name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz DEFAULT now())"
    )
    for package, of in (("chassis", "chassis"), (f"services.{service}", service)):
        names = {f"{package}/{name}" for name in FIRST["migrations"].get(of, ())}
        for one in [one for one in migrations(package) if one.name in names]:
            await connection.execute(one.script)
            digest = sha256(one.script.encode()).hexdigest()
            await connection.execute("INSERT INTO migration (name, digest) VALUES ($1, $2)", one.name, digest)
    for kind, shape in FIRST["shapes"][service].items():
        statement = "INSERT INTO document_shape (kind, fingerprint, shape) VALUES ($1, $2, $3)"
        await connection.execute(statement, kind, shape["fingerprint"], json.dumps(shape["parts"]))
    for aggregate in aggregates_of(service):
        for key, stored in documents(service, aggregate).items():
            await store(connection, aggregate, key, stored)


async def store(connection: Connection, aggregate: AnyAggregate, key: str, stored: Stored) -> None:
    """A document, and what today's code draws from it, as far as its table had columns for it."""
    case = LockedRow.holding(aggregate, key, document=stored.document, judged=stored.judged)
    await connection.execute(
        "INSERT INTO state (kind, key, version, due, judged, partition, document) VALUES ($1, $2, 1, $3, $4, $5, $6)",
        *(aggregate.name, key, case.state.conclusions.due, stored.judged, partition_of(key, PARTITIONS)),
        stored.document.decode(),
    )
    if aggregate.table is None or (row := aggregate.table.row(case.state)) is None:
        return
    there = await connection.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1",
        aggregate.table.name,
    )
    names = {one["column_name"] for one in there}
    if not there:  # a table that is newer
        return
    drawn = {name: value for name, value in zip(aggregate.table.columns, row, strict=True) if name in names}
    places = ", ".join(f"${number}" for number in range(1, len(drawn) + 2))
    await connection.execute(
        f"INSERT INTO {aggregate.table.name} ({', '.join(('key', *drawn))}) VALUES ({places})", key, *drawn.values()
    )


@every_service
async def test_a_database_of_the_first_edition_is_brought_to_todays_tables_with_all_that_is_in_it(
    connection: Connection, database: str, service: str
) -> None:
    await make(connection, service)
    await migrate(database, service, aggregates_of(service))
    assert await migrate(database, service, aggregates_of(service)) == []
    for aggregate in aggregates_of(service):
        for key, stored in documents(service, aggregate).items():
            text = await connection.fetchval(
                "SELECT document FROM state WHERE (kind, key) = ($1, $2)", aggregate.name, key
            )
            assert json.loads(text) == json.loads(stored.document)
            if aggregate.table is not None:
                case = LockedRow.holding(aggregate, key, document=stored.document, judged=stored.judged)
                names = ", ".join(aggregate.table.columns)
                row = await connection.fetchrow(f"SELECT {names} FROM {aggregate.table.name} WHERE key = $1", key)
                assert (tuple(row) if row else None) == aggregate.table.row(case.state)


@every_service
async def test_todays_rules_judge_what_the_first_edition_left_and_park_none_of_it(
    connection: Connection, database: str, service: str
) -> None:
    await make(connection, service)
    await migrate(database, service, aggregates_of(service))
    held = [one for aggregate in aggregates_of(service) for one in documents(service, aggregate).values()]
    clock = Now(max(one.judged for one in held) + AFTER)
    working = await connect(database, 60, application_name="test")
    alone = Alone(service, aggregates_of(service), [working], clock)
    await alone.settle()
    assert await connection.fetchval("SELECT count(*) FROM parked") == 0
    assert await connection.fetchval("SELECT count(*) FROM state WHERE blocked") == 0
    assert await connection.fetchval("SELECT count(*) FROM state WHERE due <= $1", clock.instant) == 0
    for aggregate in aggregates_of(service):
        rows = await connection.fetch("SELECT key, judged, document FROM state WHERE kind = $1", aggregate.name)
        assert {row["key"] for row in rows} >= set(documents(service, aggregate))
        for row in rows:
            assert LockedRow.holding(aggregate, row["key"], document=row["document"], judged=row["judged"]).legible
    working.terminate()
