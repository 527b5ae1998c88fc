"""From one version of the code to the next, on a database that is filled: documents appended to, converted, refused."""

from typing import Any

import msgspec
import pytest

from chassis.store import migrate as migrating
from chassis.store.connection import STORE_FAILED, Connection
from chassis.store.migrate import Migration, migrate, migrations
from chassis.store.upgrading import converting
from chassis.store.upgrading.converting import BATCH, ConversionFailed
from chassis.store.upgrading.fitting import DoesNotFit
from tests.chassis.engine_fixture import SERVICE
from tests.chassis.versions import (
    FIRST,
    FOURTH,
    MAKE_TABLE,
    MANY,
    NAMES,
    SECOND,
    SPLIT,
    THIRD,
    TURN,
    Appended,
    Become,
    Concluded,
    Facts,
    Split,
    fake_engine,
    keep,
    split,
)


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
        (await fake_engine(database, FIRST)).terminate()


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
    (await fake_engine(database, SECOND)).terminate()


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
    (await fake_engine(database, FIRST)).terminate()
    with pytest.raises(DoesNotFit, match="has not been brought to this version"):
        await fake_engine(database, THIRD)


async def test_what_is_refused_has_changed_nothing_so_that_the_old_code_goes_on(
    connection: Connection, become: Become, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await become(FIRST)
    newer = Migration("chassis/9999_newer.sql", "CREATE TABLE newer ()")
    monkeypatch.setattr(
        migrating, "migrations", lambda name: [*migrations(name), *([newer] if name == "chassis" else [])]
    )
    with pytest.raises(DoesNotFit, match="would misread"):
        await migrate(database, SERVICE, [THIRD])
    assert await connection.fetchval("SELECT to_regclass('newer')") is None
    assert await become(FIRST) == []


async def test_older_code_is_refused_once_a_newer_one_has_been_at_work(
    connection: Connection, become: Become, database: str
) -> None:
    await become(FIRST)
    await become(SECOND)
    with pytest.raises(DoesNotFit, match=r"older than its database.*restore the backup"):
        await become(FIRST)
    with pytest.raises(DoesNotFit, match="older than its database"):
        await fake_engine(database, FIRST)
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
    old = await fake_engine(database, FIRST)
    await become(FIRST)
    assert await old.fetchval("SELECT 1") == 1, "nothing was changed, nobody is disturbed"
    await become(SECOND)
    with pytest.raises(STORE_FAILED):
        await old.fetchval("SELECT 1")
    with pytest.raises(DoesNotFit):
        await fake_engine(database, FIRST)


async def test_a_database_that_was_never_migrated_is_refused_by_a_service(database: str) -> None:
    with pytest.raises(DoesNotFit, match="migrate it first"):
        await fake_engine(database, FIRST)


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
    (await fake_engine(database, THIRD)).terminate()
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
    for aggregate, words in ((FIRST, "older"), (THIRD, "still being converted")):
        with pytest.raises(DoesNotFit, match=words):
            await fake_engine(database, aggregate)
    for aggregate in (FIRST, SECOND, FOURTH):
        with pytest.raises(DoesNotFit, match="half converted"):
            await become(aggregate, SPLIT, TURN)
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


def test_converters_lead_nowhere_in_a_circle() -> None:
    back = TURN._replace(before=TURN.after, after=TURN.before)
    assert converting.chain("patient", NAMES[THIRD], NAMES[FIRST], [TURN, back]) == ()
    assert converting.chain("ward", NAMES[FIRST], NAMES[THIRD], [SPLIT]) == ()
