"""Editions: what the code of a time had in its databases, so that today's can be tried on them.

The first edition is commit d0383f3: `first_edition.json` holds its migrations by name (they are never edited), the
shapes of its documents, and how many of the corpus were its own: the corpus only grows at its end. Each release has a
folder of the corpus with the same.
"""

import json
from collections.abc import Mapping, Sequence
from functools import reduce
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from chassis.decide.aggregate import AnyAggregate
from chassis.ids import partition_of
from chassis.store.connection import Connection
from chassis.store.locked_row import LockedRow
from chassis.store.migrate import converters, migrations
from chassis.store.upgrading.converting import chain
from chassis.store.upgrading.documents import fingerprint, shape_of
from schemas.topic import PARTITIONS
from tests.documents.corpus import CORPUS, EDITION, Stored, read


class Edition(NamedTuple):
    """`migrations`: package → names; `shapes`: service → kind → its documents; `folder`: where they lie in the corpus.

    `documents`: `<service>/<kind>` → how many of the file are its own; those that are not named: all.
    """

    name: str
    migrations: Mapping[str, Sequence[str]]
    shapes: Mapping[str, Mapping[str, Any]]
    folder: str = ""
    documents: Mapping[str, int] | None = None

    def stored(self, service: str, aggregate: AnyAggregate) -> dict[str, Stored]:
        """By key, what it stored of a kind: nothing of one that it did not have.

        The key of a day of the bulletin is its place and date, which its conclusions begin with.
        """
        name = f"{service}/{aggregate.name}"
        found = read(f"{self.folder}{name}")
        if self.documents is not None:
            found = found[: self.documents.get(name, 0)]
        if aggregate.name == "day":
            return {"/".join(json.loads(one.document)[1][:2]): one for one in found}
        return {f"{aggregate.name}-{number}": one for number, one in enumerate(found)}

    def today(self, service: str, aggregate: AnyAggregate, stored: Stored) -> Stored:
        """The same as it is once today's code has brought the database to itself: converted, where that has to be."""
        before, now = self.shapes[service][aggregate.name]["fingerprint"], fingerprint(shape_of(aggregate))
        steps = chain(aggregate.name, before, now, converters(f"services.{service}"))
        document = reduce(lambda made, one: one.convert(made), steps, msgspec.json.decode(stored.document))
        return stored._replace(document=msgspec.json.encode(document))

    def case(self, service: str, aggregate: AnyAggregate, stored: Stored) -> LockedRow:
        """The case as today's engine loads it."""
        document = self.today(service, aggregate, stored).document
        return LockedRow.holding(aggregate, "key", document=document, judged=stored.judged)


def _first() -> Edition:
    held = json.loads((Path(__file__).parent / "first_edition.json").read_text("utf-8"))
    return Edition("first", held["migrations"], held["shapes"], documents=held["documents"])


def _release(path: Path) -> Edition:
    held = json.loads(path.read_text("utf-8"))
    return Edition(path.parent.name, held["migrations"], held["shapes"], f"{path.parent.name}/")


EDITIONS = (_first(), *map(_release, sorted(CORPUS.glob(f"*/{EDITION}"))))


def aggregates_of(service: str) -> Sequence[AnyAggregate]:
    """The kinds that a service has today."""
    aggregates: Sequence[AnyAggregate] = import_module(f"services.{service}.routes").AGGREGATES
    return aggregates


async def make(connection: Connection, edition: Edition, service: str) -> None:
    """The database of a service as an edition left it."""
    await connection.execute(
        "CREATE TABLE migration (name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz DEFAULT now())"
    )
    for package, of in (("chassis", "chassis"), (f"services.{service}", service)):
        names = {f"{package}/{name}" for name in edition.migrations.get(of, ())}
        for one in [one for one in migrations(package) if one.name in names]:
            await connection.execute(f"{one.script}\n;SELECT")  # of nothing but comments, the client makes an error
            digest = sha256(one.script.encode()).hexdigest()
            await connection.execute("INSERT INTO migration (name, digest) VALUES ($1, $2)", one.name, digest)
    for kind, shape in edition.shapes[service].items():
        statement = "INSERT INTO document_shape (kind, fingerprint, shape) VALUES ($1, $2, $3)"
        await connection.execute(statement, kind, shape["fingerprint"], json.dumps(shape["parts"]))
    for aggregate in aggregates_of(service):
        for key, stored in edition.stored(service, aggregate).items():
            await _store(connection, aggregate, key, stored, edition.case(service, aggregate, stored))


async def _store(connection: Connection, aggregate: AnyAggregate, key: str, stored: Stored, case: LockedRow) -> None:
    """A document, and what today's code draws from it, as far as its table had columns for it."""
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
