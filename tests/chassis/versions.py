"""A toy service in several versions: its documents appended to, changed otherwise, and converted."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from chassis.decide.aggregate import AnyAggregate, ReadModel
from chassis.decide.judge import AnyState
from chassis.ids import partition_of
from chassis.process.service import Service
from chassis.process.settings import Settings
from chassis.store.connection import Connection
from chassis.store.migrate import Migration, migrations
from chassis.store.upgrading.converting import BATCH, Converter, Document
from chassis.store.upgrading.documents import fingerprint, shape_of
from schemas.topic import PARTITIONS
from tests.chassis.engine_fixture import SERVICE
from tests.chassis.toy import BEGIN, PATIENT

MANY = 2 * BATCH + 200
MAKE_TABLE = "CREATE TABLE toy_visits (key text PRIMARY KEY, visits integer)"

Become = Callable[..., Any]
"""Brings the database to a version of the code: a kind, converters, and `scripts`, the service's migrations."""


class Facts(Struct, frozen=True, array_like=True):
    """The first version."""

    name: str = ""
    visits: int = 0


class Appended(Struct, frozen=True, array_like=True):
    """The second: one field more."""

    name: str = ""
    visits: int = 0
    ward: str = "none"


class Split(Struct, frozen=True, array_like=True):
    """The third: the name in two, which a converter has to do."""

    first: str = ""
    last: str = ""
    visits: int = 0


class Turned(Struct, frozen=True, array_like=True):
    """The fourth: the other way round, which another converter has to do."""

    last: str = ""
    first: str = ""
    visits: int = 0


class Concluded(Struct, frozen=True, array_like=True):
    due: datetime | None = None
    done: dict[str, str] = {}


def version(
    facts: type, columns: dict[str, str] | None = None, row: Callable[[AnyState], Any] | None = None
) -> AnyAggregate:
    """A version of the toy; with a table where it has columns."""
    table = ReadModel("toy_visits", columns, row or _visits) if columns else None
    return replace(PATIENT, name="patient", facts=facts, conclusions=Concluded, table=table)


def _visits(state: AnyState) -> tuple[Any, ...] | None:
    return (state.facts.visits,) if state.facts.visits else None


FIRST, SECOND, THIRD, FOURTH = map(version, (Facts, Appended, Split, Turned))
NAMES = {aggregate: fingerprint(shape_of(aggregate)) for aggregate in (FIRST, SECOND, THIRD, FOURTH)}
"""The fingerprints of the versions."""


def split(document: Document) -> Document:
    """From the first version to the third; each conversion counts as a visit, so that none is done twice unseen."""
    (name, visits), (_, done) = document
    due = (BEGIN + timedelta(hours=visits)).isoformat()
    return [[*name.split(" "), visits + 1], [due, done]]


def turn(document: Document) -> Document:
    """From the third to the fourth."""
    (first, last, visits), concluded = document
    return [[last, first, visits], concluded]


SPLIT = Converter("the name in two", "patient", NAMES[FIRST], NAMES[THIRD], split)
TURN = Converter("the last name first", "patient", NAMES[THIRD], NAMES[FOURTH], turn)


async def keep(connection: Connection, number: int) -> None:
    """So many documents of the first version, with keys in order."""
    keys = [f"case-{one:05}" for one in range(number)]
    documents = [msgspec.json.encode((Facts(f"Ann {one}", one), Concluded())).decode() for one in range(number)]
    await connection.execute(
        "INSERT INTO state (kind, key, partition, judged, document) "
        "SELECT 'patient', key, partition, $4, document FROM unnest($1::text[], $2::int[], $3::text[]) "
        "AS kept (key, partition, document)",
        keys,
        [partition_of(key, PARTITIONS) for key in keys],
        documents,
        BEGIN,
    )


async def fake_engine(database: str, aggregate: AnyAggregate) -> Connection:
    """A connection of a service of this version. Raises DoesNotFit."""
    return await Service(SERVICE, [aggregate], Settings(database_dsn=database)).connect()


def known_migrations(package: str, scripts: Sequence[str]) -> Callable[[str], list[Migration]]:
    """In place of `chassis.store.migrate.migrations`: the chassis' own, and these of the package, numbered."""
    own = [Migration(f"{package}/{number:04}_toy.sql", script) for number, script in enumerate(scripts, 1)]
    return lambda asked: own if asked == package else migrations(asked)
