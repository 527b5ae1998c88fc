"""From one version of the code to the next, on a database that is filled: documents appended to, converted, refused."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import asyncpg
import msgspec
import pytest

from chassis import migrate as migrating
from chassis.migrate import migrate
from chassis.routes import Kind
from chassis.service import Service
from chassis.settings import Settings
from chassis.store import STORE_FAILED, Connection, connect
from chassis.upgrading import converting
from chassis.upgrading.converting import BATCH, ConversionFailed, Converter
from chassis.upgrading.fitting import DoesNotFit
from tests.chassis.desk import MIGRATIONS, SERVICE
from tests.chassis.versions import (
    FIRST,
    FOURTH,
    NAMES,
    SECOND,
    SPLIT,
    THIRD,
    TURN,
    Appended,
    Concluded,
    Facts,
    Split,
    keep,
    known_migrations,
    split,
    version,
)

MANY = 2 * BATCH + 200
MAKE_TABLE = "CREATE TABLE toy_visits (key text PRIMARY KEY, visits integer)"

Become = Callable[..., Any]
"""Brings the database to a version, with these converters and these migrations of the service."""


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Connection]:
    """A connection of a test's own, which no migration ends."""
    connection = await connect(database, 60, application_name="test")
    yield connection
    connection.terminate()


@pytest.fixture
def become(database: str, monkeypatch: pytest.MonkeyPatch) -> Become:
    async def to(kind: Kind, *converters: Converter, scripts: Sequence[str] = ()) -> list[str]:
        monkeypatch.setattr(migrating, "migrations", known_migrations(MIGRATIONS, scripts))
        monkeypatch.setattr(migrating, "converters", lambda package: converters)
        return await migrate(database, SERVICE, [kind], MIGRATIONS)

    return to


async def works(database: str, kind: Kind) -> Connection:
    """A connection of a service of this version. Raises DoesNotFit."""
    return await Service(SERVICE, [kind], Settings(database_dsn=database))._connect()


async def shapes(connection: Connection) -> list[tuple[str, str | None, str]]:
    """(fingerprint, converting from, up to) of each shape, the oldest first."""
    rows = await connection.fetch("SELECT * FROM document_shape ORDER BY id")
    return [(row["fingerprint"], row["converting_from"], row["converted_to"]) for row in rows]


async def facts(connection: Connection, of: type) -> list[Any]:
    """The facts of all cases, in the order of their keys, as a version of the code reads them."""
    rows = await connection.fetch("SELECT document FROM state ORDER BY key")
    decode = msgspec.json.Decoder(tuple[of, Concluded]).decode  # type: ignore[valid-type]
    return [decode(row["document"])[0] for row in rows]


async def test_a_new_database_knows_the_shape_of_its_documents_and_the_same_code_starts_again(
    connection: Connection, become: Become, database: str
) -> None:
    for _ in range(2):
        await become(FIRST)
        assert await shapes(connection) == [(NAMES[FIRST], None, "")]
        (await works(database, FIRST)).terminate()


async def test_a_database_that_was_filled_before_shapes_were_kept_goes_on(
    connection: Connection, become: Become
) -> None:
    await become(FIRST)
    await keep(connection, 3)
    await connection.execute("DROP TABLE document_shape, redraw; DELETE FROM migration WHERE name ~ '/0008'")
    assert await become(FIRST) == ["chassis/0008_documents.sql"]
    assert await shapes(connection) == [(NAMES[FIRST], None, "")]


async def test_a_field_with_a_default_may_be_appended_to_what_is_stored(
    connection: Connection, become: Become, database: str
) -> None:
    await become(FIRST)
    await keep(connection, 2)
    await become(SECOND)
    assert await facts(connection, Appended) == [Appended("Ann 0", 0, "none"), Appended("Ann 1", 1, "none")]
    (await works(database, SECOND)).terminate()


async def test_whatever_else_was_done_is_refused_in_words_and_nothing_is_touched(
    connection: Connection, become: Become, database: str
) -> None:
    await become(FIRST)
    await keep(connection, 2)
    with pytest.raises(DoesNotFit) as refused:
        await become(THIRD, scripts=[MAKE_TABLE])
    words = str(refused.value)
    for part in (NAMES[FIRST], NAMES[THIRD], "facts, field 1: was `name: text", f"services/{SERVICE}/converters.py"):
        assert part in words
    assert await facts(connection, Facts) == [Facts("Ann 0", 0), Facts("Ann 1", 1)]
    assert await connection.fetchval("SELECT to_regclass('toy_visits')") is None, "its tables were not changed either"
    (await works(database, FIRST)).terminate()
    with pytest.raises(DoesNotFit, match="has not been brought to this version"):
        await works(database, THIRD)


async def test_older_code_is_refused_once_a_newer_one_has_been_at_work(
    connection: Connection, become: Become, database: str
) -> None:
    await become(FIRST)
    await become(SECOND)
    with pytest.raises(DoesNotFit, match=r"older than its database.*restore the backup"):
        await become(FIRST)
    with pytest.raises(DoesNotFit, match="older than its database"):
        await works(database, FIRST)
    assert (await shapes(connection))[-1] == (NAMES[SECOND], None, "")


async def test_code_that_never_was_here_is_older_if_it_only_lacks_what_was_appended(become: Become) -> None:
    await become(SECOND)
    with pytest.raises(DoesNotFit, match="older than its database"):
        await become(FIRST)


async def test_older_code_is_refused_when_only_a_migration_is_newer(become: Become) -> None:
    await become(FIRST, scripts=["SELECT 1", "SELECT 2"])
    with pytest.raises(DoesNotFit, match=r"older than its database, which has been through .*0002_toy.sql"):
        await become(FIRST, scripts=["SELECT 1"])


async def test_a_service_of_the_old_code_that_is_still_at_work_is_ended_and_cannot_come_back(
    connection: Connection, become: Become, database: str
) -> None:
    """It would write documents without the field that it does not know."""
    await become(FIRST)
    old = await works(database, FIRST)
    await become(FIRST)
    assert await old.fetchval("SELECT 1") == 1, "nothing was changed, nobody is disturbed"
    await become(SECOND)
    with pytest.raises(STORE_FAILED):
        await old.fetchval("SELECT 1")
    with pytest.raises(DoesNotFit):
        await works(database, FIRST)


async def test_a_database_that_was_never_migrated_is_refused_by_a_service(database: str) -> None:
    with pytest.raises(DoesNotFit, match="migrate it first"):
        await works(database, FIRST)


async def test_documents_are_converted_by_name_and_their_instants_with_them(
    connection: Connection, become: Become, database: str
) -> None:
    await become(FIRST)
    await keep(connection, MANY)
    await become(THIRD, SPLIT)
    assert await facts(connection, Split) == [Split("Ann", str(number), number + 1) for number in range(MANY)]
    assert await connection.fetchval(
        "SELECT bool_and(due = (document::json -> 1 ->> 0)::timestamptz AND due IS NOT NULL) FROM state"
    )
    assert [shape[:2] for shape in await shapes(connection)] == [(NAMES[FIRST], None), (NAMES[THIRD], None)]
    (await works(database, THIRD)).terminate()
    for older in (FIRST, SECOND):
        with pytest.raises(DoesNotFit):
            await become(older, SPLIT)


async def test_two_versions_may_be_made_up_for_at_once(connection: Connection, become: Become) -> None:
    await become(FIRST)
    await keep(connection, 2)
    await become(FOURTH, TURN, SPLIT)
    assert (await connection.fetchval("SELECT document FROM state WHERE key = 'case-00001'")).startswith(
        '[["1","Ann",2]'
    )


async def test_a_conversion_that_breaks_off_goes_on_where_it_was_and_nobody_works_meanwhile(
    connection: Connection, become: Become, database: str
) -> None:
    def breaks(document: Any) -> Any:
        if document[0][1] == BATCH + 100:
            raise ZeroDivisionError(f"a defect that would tell of {document[0][0]}")
        return split(document)

    await become(FIRST)
    await keep(connection, MANY)
    for _ in range(2):
        with pytest.raises(ConversionFailed, match=r"the name in two: .*ZeroDivisionError") as failed:
            await become(THIRD, SPLIT._replace(convert=breaks))
        assert "Ann" not in str(failed.value)
        assert (await shapes(connection))[-1] == (NAMES[THIRD], NAMES[FIRST], f"case-{BATCH - 1:05}")
    for kind, words in ((FIRST, "older"), (THIRD, "still being converted")):
        with pytest.raises(DoesNotFit, match=words):
            await works(database, kind)
    for kind in (FIRST, SECOND, FOURTH):
        with pytest.raises(DoesNotFit, match="half converted"):
            await become(kind, SPLIT, TURN)
    with pytest.raises(DoesNotFit, match="half converted"):
        await become(THIRD)
    await become(THIRD, SPLIT)
    assert [one.visits for one in await facts(connection, Split)] == [number + 1 for number in range(MANY)]


async def test_a_converter_that_makes_no_document_of_this_code_is_refused(
    connection: Connection, become: Become
) -> None:
    await become(FIRST)
    await keep(connection, 2)
    with pytest.raises(ConversionFailed, match="ValidationError"):
        await become(THIRD, SPLIT._replace(convert=lambda document: document))
    assert await facts(connection, Facts) == [Facts("Ann 0", 0), Facts("Ann 1", 1)]


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
    (await works(database, has)).terminate()
    with pytest.raises(DoesNotFit, match=r"a column name .* older than the database"):
        await works(database, had)


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

    kind = version(Facts, {"visits": "integer"}, row)
    scripts = [MAKE_TABLE, "-- redraw: patient"]
    await become(kind, scripts=scripts[:1])
    await keep(connection, MANY)
    await connection.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the store is full'; END $$; "
        "CREATE TRIGGER refuses BEFORE INSERT ON toy_visits FOR EACH ROW WHEN (NEW.visits = 700) "
        "EXECUTE FUNCTION refuse()"
    )
    with pytest.raises(asyncpg.RaiseError):
        await become(kind, scripts=scripts)
    assert await connection.fetchval("SELECT count(*) FROM toy_visits") == BATCH
    with pytest.raises(DoesNotFit, match="still being drawn from"):
        await works(database, kind)
    await connection.execute("DROP TRIGGER refuses ON toy_visits")
    drawn.clear()
    assert await become(kind, scripts=scripts) == []
    assert drawn == list(range(BATCH, MANY))
    assert await connection.fetchval("SELECT sum(visits) FROM toy_visits") == sum(range(MANY))
    (await works(database, kind)).terminate()


async def test_a_document_that_nobody_can_draw_from_holds_up_no_other(
    connection: Connection, become: Become, caplog: pytest.LogCaptureFixture
) -> None:
    kind = version(Facts, {"visits": "integer"}, lambda state: (6 // (state.facts.visits - 2),))
    await become(kind, scripts=[MAKE_TABLE])
    await keep(connection, 4)
    await connection.execute("UPDATE state SET document = '[]' WHERE key = 'case-00000'")
    await become(kind, scripts=[MAKE_TABLE, "-- redraw: patient"])
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
    (await works(database, FIRST)).terminate()


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


def test_converters_lead_nowhere_in_a_circle() -> None:
    back = TURN._replace(before=TURN.after, after=TURN.before)
    assert converting._chain("patient", NAMES[THIRD], NAMES[FIRST], [TURN, back]) == ()
    assert converting._chain("ward", NAMES[FIRST], NAMES[THIRD], [SPLIT]) == ()
