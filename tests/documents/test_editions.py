"""Databases of each edition go on: brought to today's tables, drawn anew, and judged by today's rules.

Those of the last release do so every day, those of before it in `make thorough`.
"""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from afterward.release import read as last_release
from chassis.store.connection import Connection, connect
from chassis.store.locked_row import LockedRow
from chassis.store.migrate import migrate
from tests.chassis.engine_fixture import Now
from tests.documents.editions import EDITIONS, Edition, aggregates_of, make
from tests.services.alone import Alone

AFTER = timedelta(days=40)
"""So long after the last document was judged the services of today have judged all that was due."""

every_database = pytest.mark.parametrize(
    ("edition", "service"),
    [
        pytest.param(
            one,
            service,
            id=f"{one.name}-{service}",
            marks=[] if one.name == last_release().version else pytest.mark.thorough,
        )
        for one in EDITIONS
        for service in one.shapes
    ],
)


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Connection]:
    connection = await connect(database, 60, application_name="test")
    yield connection
    connection.terminate()


def test_the_last_release_is_an_edition_with_documents_of_every_kind() -> None:
    (last,) = (one for one in EDITIONS if one.name == last_release().version)
    assert {f"{package}/{name}" for package, names in last.migrations.items() for name in names} == {
        name.removeprefix("services.") for name in last_release().migrations
    }
    for service, kinds in last.shapes.items():
        of_today = {aggregate.name: aggregate for aggregate in aggregates_of(service)}
        for kind in kinds:
            assert last.stored(service, of_today[kind]), f"{service}/{kind}"


@every_database
async def test_a_database_of_an_edition_is_brought_to_todays_tables_with_all_that_is_in_it(
    connection: Connection, database: str, edition: Edition, service: str
) -> None:
    await make(connection, edition, service)
    await migrate(database, service, aggregates_of(service))
    assert await migrate(database, service, aggregates_of(service)) == []
    for aggregate in aggregates_of(service):
        for key, stored in edition.stored(service, aggregate).items():
            text = await connection.fetchval(
                "SELECT document FROM state WHERE (kind, key) = ($1, $2)", aggregate.name, key
            )
            assert json.loads(text) == json.loads(edition.today(service, aggregate, stored).document)
            if aggregate.table is not None:
                case = edition.case(service, aggregate, stored)
                names = ", ".join(aggregate.table.columns)
                row = await connection.fetchrow(f"SELECT {names} FROM {aggregate.table.name} WHERE key = $1", key)
                assert (tuple(row) if row else None) == aggregate.table.row(case.state)


@every_database
async def test_todays_rules_judge_what_an_edition_left_and_park_none_of_it(
    connection: Connection, database: str, edition: Edition, service: str
) -> None:
    await make(connection, edition, service)
    await migrate(database, service, aggregates_of(service))
    held = [one for aggregate in aggregates_of(service) for one in edition.stored(service, aggregate).values()]
    clock = Now(max(one.judged for one in held) + AFTER)
    working = await connect(database, 60, application_name="test")
    alone = Alone(service, aggregates_of(service), [working], clock)
    await alone.settle()
    assert await connection.fetchval("SELECT count(*) FROM parked") == 0
    assert await connection.fetchval("SELECT count(*) FROM state WHERE blocked") == 0
    assert await connection.fetchval("SELECT count(*) FROM state WHERE due <= $1", clock.instant) == 0
    for aggregate in aggregates_of(service):
        rows = await connection.fetch("SELECT key, judged, document FROM state WHERE kind = $1", aggregate.name)
        assert {row["key"] for row in rows} >= set(edition.stored(service, aggregate))
        for row in rows:
            assert LockedRow.holding(aggregate, row["key"], document=row["document"], judged=row["judged"]).legible
    working.terminate()
