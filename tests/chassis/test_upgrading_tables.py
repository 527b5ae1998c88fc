"""From one version of the code to the next, on a database that is filled: columns added, tables drawn anew, refused."""

from typing import Any

import asyncpg
import pytest

from chassis.store.connection import STORE_FAILED, Connection, connect
from chassis.store.upgrading.converting import BATCH
from chassis.store.upgrading.fitting import DoesNotFit
from tests.chassis.engine_fixture import SERVICE
from tests.chassis.versions import FIRST, MAKE_TABLE, MANY, SPLIT, Become, Facts, Split, fake_engine, keep, version


async def test_a_column_is_added_by_a_migration_and_drawn_from_the_documents(
    connection: Connection, become: Become, database: str
) -> None:
    """The recipe of docs/operations/upgrading.md, on a database that is filled."""
    had = version(Facts, {"visits": "integer"})
    has = version(Facts, {"visits": "integer", "name": "text"}, lambda state: (state.facts.visits, state.facts.name))
    await become(had, scripts=[MAKE_TABLE])
    await keep(connection, MANY)
    await connection.execute("INSERT INTO toy_visits SELECT key, 1 FROM state UNION SELECT 'case-nobody', 1")
    with pytest.raises(DoesNotFit, match="no column name: ALTER TABLE toy_visits ADD COLUMN name text"):
        await become(has, scripts=[MAKE_TABLE])
    added = "ALTER TABLE toy_visits ADD COLUMN name text;\n-- redraw: patient\n"
    await become(has, scripts=[MAKE_TABLE, added])
    rows = await connection.fetch("SELECT * FROM toy_visits WHERE key <> 'case-nobody' ORDER BY key")
    assert [tuple(row) for row in rows] == [(f"case-{one:05}", one, f"Ann {one}") for one in range(MANY)]
    (await fake_engine(database, has)).terminate()
    with pytest.raises(DoesNotFit, match=r"a column name .* older than the database"):
        await fake_engine(database, had)


async def test_a_row_that_the_code_does_not_draw_any_more_goes(connection: Connection, become: Become) -> None:
    await become(version(Facts, {"visits": "integer"}), scripts=[MAKE_TABLE])
    await keep(connection, 3)
    await become(version(Facts, {"visits": "integer"}), scripts=[MAKE_TABLE, "-- redraw: patient"])
    assert await connection.fetchval("SELECT array_agg(visits ORDER BY key) FROM toy_visits") == [1, 2]
    await become(
        version(Facts, {"visits": "integer"}, lambda state: None),
        scripts=[MAKE_TABLE, "-- redraw: patient", "-- redraw: patient\n-- again"],
    )
    assert await connection.fetchval("SELECT count(*) FROM toy_visits") == 0


async def test_a_redraw_that_breaks_off_goes_on_where_it_was_and_nobody_works_meanwhile(
    connection: Connection, become: Become, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []

    def row(state: Any) -> Any:
        drawn.append(state.facts.visits)
        return (state.facts.visits,)

    aggregate = version(Facts, {"visits": "integer"}, row)
    scripts = [MAKE_TABLE, "-- redraw: patient"]
    await become(aggregate, scripts=scripts[:1])
    await keep(connection, MANY)
    await connection.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the store is full'; END $$; "
        "CREATE TRIGGER refuses BEFORE INSERT ON toy_visits FOR EACH ROW WHEN (NEW.visits = 700) "
        "EXECUTE FUNCTION refuse()"
    )
    with pytest.raises(asyncpg.RaiseError):
        await become(aggregate, scripts=scripts)
    assert await connection.fetchval("SELECT count(*) FROM toy_visits") == BATCH
    with pytest.raises(DoesNotFit, match="still being drawn from"):
        await fake_engine(database, aggregate)
    await connection.execute("DROP TRIGGER refuses ON toy_visits")
    drawn.clear()
    beside = await connect(database, 60)  # as a service that connected before it was asked
    assert await become(aggregate, scripts=scripts) == []
    with pytest.raises(STORE_FAILED):
        await beside.fetchval("SELECT 1")
    assert drawn == list(range(BATCH, MANY))
    assert await connection.fetchval("SELECT sum(visits) FROM toy_visits") == sum(range(MANY))
    (await fake_engine(database, aggregate)).terminate()


async def test_a_document_that_nobody_can_draw_from_holds_up_no_other(
    connection: Connection, become: Become, caplog: pytest.LogCaptureFixture
) -> None:
    aggregate = version(Facts, {"visits": "integer"}, lambda state: (6 // (state.facts.visits - 2),))
    await become(aggregate, scripts=[MAKE_TABLE])
    await keep(connection, 4)
    await connection.execute("UPDATE state SET document = '[]' WHERE key = 'case-00000'")
    await become(aggregate, scripts=[MAKE_TABLE, "-- redraw: patient"])
    assert await connection.fetchval("SELECT array_agg(key ORDER BY key) FROM toy_visits") == [
        "case-00001",
        "case-00003",
    ]
    assert "toy_visits: 2 documents could not be drawn from" in caplog.text


async def test_what_was_converted_is_drawn_anew(connection: Connection, become: Become) -> None:
    columns = {"visits": "integer"}
    await become(version(Facts, columns), scripts=[MAKE_TABLE])
    await keep(connection, 3)
    await become(version(Split, columns), SPLIT, scripts=[MAKE_TABLE])
    assert await connection.fetchval("SELECT array_agg(visits ORDER BY key) FROM toy_visits") == [1, 2, 3]


async def test_only_a_kind_that_has_a_table_can_be_drawn_anew(
    connection: Connection, become: Become, database: str
) -> None:
    await become(FIRST)
    with pytest.raises(DoesNotFit, match=r"0001_toy.sql of .* asks to redraw ward, and no kind of this name has a tab"):
        await become(FIRST, scripts=["-- redraw: ward"])
    assert await become(FIRST, scripts=["SELECT 1"]), "nothing of it was applied"


async def test_a_new_database_asks_for_no_table_that_the_code_does_not_have_any_more(
    become: Become, database: str
) -> None:
    await become(FIRST, scripts=["-- redraw: ward"])
    (await fake_engine(database, FIRST)).terminate()


WRONG = {
    "no table": ("SELECT 1", "no table toy_visits; a migration has to make it: CREATE TABLE"),
    "another type": (
        "CREATE TABLE toy_visits (key text PRIMARY KEY, visits bigint)",
        "column visits of the table toy_visits is bigint, and the code declares integer",
    ),
    "a column too many": (f"{MAKE_TABLE}; ALTER TABLE toy_visits ADD COLUMN more text", r"a column more \(text\) that"),
    "no key": ("CREATE TABLE toy_visits (visits integer)", "no column key"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_a_table_that_is_not_as_the_code_declares_it_is_refused(become: Become, what: str) -> None:
    script, words = WRONG[what]
    with pytest.raises(DoesNotFit, match=words) as refused:
        await become(version(Facts, {"visits": "integer"}), scripts=[script])
    assert f"services/{SERVICE}/migrations" in str(refused.value)


async def test_types_may_be_called_by_any_of_their_names(become: Become) -> None:
    columns = {"a": "timestamptz", "b": "double precision", "c": "int", "d": "json", "e": "boolean", "f": "text[]"}
    script = (
        "CREATE TABLE toy_visits (key text, a timestamp with time zone, b float8, c int4, d json, e bool, f text[])"
    )
    await become(version(Facts, columns), scripts=[script])
