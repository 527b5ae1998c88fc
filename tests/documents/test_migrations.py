"""A migration says what it locks, and does nothing that a process of the last release could not bear."""

from collections.abc import AsyncIterator

import pytest

from afterward.release import differences, every_migration, in_code, read
from chassis.store.connection import Connection, connect
from chassis.store.migrate import Migration
from schemas.services import EVERY_SERVICE
from tests.documents import locks
from tests.documents.bearable import complaints, declared_locks, statements, unbearable

RELEASED = tuple(map(int, read().version.split(".")))
NEW = [one for one in every_migration() if one.name not in read().migrations]
"""Those that no release has had: the others keep the text that they landed with."""


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Connection]:
    connection = await connect(database, 60, application_name="test")
    yield connection
    connection.terminate()


def test_each_migration_since_the_release_is_borne_by_it() -> None:
    assert [(one.name, wrong) for one in NEW for wrong in complaints(one.script, RELEASED)] == []


def test_what_was_released_is_there_as_it_was() -> None:
    assert list(differences(read(), in_code(), "9.9.9")) == []


def test_a_released_migration_that_was_edited_or_is_gone_and_an_older_version_are_seen() -> None:
    name, *_ = read().migrations
    edited = in_code() | {name: "another"}
    (sentence,) = differences(read(), edited, "9.9.9")
    assert sentence.startswith(f"{name} was released with {read().version}, and was edited since")
    del edited[name]
    (sentence,) = differences(read(), edited, "9.9.9")
    assert "is gone: databases have been through it" in sentence
    (sentence,) = differences(read(), in_code(), "0.0.9")
    assert "is before" in sentence


@pytest.mark.parametrize("service", EVERY_SERVICE)
async def test_each_migration_since_the_release_names_what_it_locks_and_the_page_has_all(
    connection: Connection, service: str
) -> None:
    new, page = {one.name for one in NEW}, locks.PAGE.read_text("utf-8")
    for one in await locks.measured(connection, f"services.{service}"):
        if one.migration.name in new:
            assert declared_locks(one.migration.script) == one.locks, f"{one.migration.name} locks {set(one.locks)}"
        assert all(f"| `{one.migration.name}` | `{table}` against {what} |" in page for table, what in one.locks)
        assert f"`{one.migration.name}`" in page, "python -m tests.documents.locks"


UNBEARABLE = {
    "DROP TABLE wakes": "`DROP TABLE wakes`: it may be at work",
    "DROP VIEW outbox; DROP SEQUENCE one": "`DROP VIEW outbox`",
    "ALTER TABLE state DROP COLUMN due": "`ALTER TABLE state DROP COLUMN due`",
    "ALTER TABLE state RENAME COLUMN due TO due_at": "RENAME COLUMN due",
    "ALTER TABLE state RENAME TO cases": "RENAME TO cases",
    "ALTER TABLE state ALTER COLUMN document TYPE json USING document::json": "ALTER COLUMN document TYPE",
    "ALTER TABLE state ALTER due SET NOT NULL": "SET NOT NULL",
    "ALTER TABLE state ADD COLUMN ward text NOT NULL": "state.ward is NOT NULL without a default",
    "ALTER TABLE state ADD COLUMN a text, ADD COLUMN ward numeric(5, 2) NOT NULL": "state.ward is NOT NULL without",
    "ALTER TABLE state ADD COLUMN ward text UNIQUE": "state.ward: what it writes may be refused",
    "ALTER TABLE state ADD COLUMN id uuid DEFAULT gen_random_uuid()": "state.id has a computed default",
    "ALTER TABLE state ADD CONSTRAINT due_later CHECK (due > judged)": "ADD CONSTRAINT due_later",
    "ALTER TABLE archive ALTER COLUMN id DROP DEFAULT": "DROP DEFAULT",
    "create unique index one on state (due)".upper(): "may be refused or gone",
    "CREATE TRIGGER t BEFORE INSERT ON state FOR EACH ROW EXECUTE FUNCTION f()": "may be refused or gone",
    "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$": "CREATE OR REPLACE FUNCTION",
    "DELETE FROM parked": "may be refused or gone",
    "TRUNCATE parked": "`TRUNCATE parked`",
    "DO $$ BEGIN DROP TABLE state; END $$": "`DO ''`",
    "/* -- */ DROP TABLE state -- ;": "`DROP TABLE state`",
}


@pytest.mark.parametrize("script", UNBEARABLE)
def test_what_the_last_release_could_not_bear_is_refused_unless_it_is_a_contract_step(script: str) -> None:
    first, *_ = complaints(script, RELEASED)
    assert UNBEARABLE[script] in first
    assert "Expand only" in first
    assert complaints(f"-- contract: {read().version}\n{script}", RELEASED) == []
    (early,) = complaints(f"-- contract: 99.0\n{script}", RELEASED)
    assert early == "contract: no release 99.0 has been made: wait for it"


BORNE = (
    "CREATE TABLE one (id integer PRIMARY KEY); CREATE UNIQUE INDEX u ON one (id); ALTER TABLE one DROP COLUMN id",
    "CREATE INDEX state_judged ON state (judged) WHERE due IS NOT NULL",
    "ALTER TABLE state ADD COLUMN ward text, ADD COLUMN beds numeric(5, 2) NOT NULL DEFAULT 0",
    "ALTER TABLE state ADD COLUMN since timestamptz DEFAULT now(); ALTER TABLE state SET (fillfactor = 70)",
    "COMMENT ON COLUMN state.due IS 'DROP TABLE state; it''s only said'; INSERT INTO one SELECT 1",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $body$ DELETE FROM one; SELECT 1 $body$",
    "UPDATE state SET ward = '' WHERE ward IS NULL",
)


@pytest.mark.parametrize("script", BORNE)
def test_what_only_expands_is_borne(script: str) -> None:
    assert list(unbearable(script)) == []


def test_statements_are_told_apart_whatever_they_quote() -> None:
    script = "SELECT ';' -- ; DROP\n; DO $a$ ; $b$ ; $a$;;\n/* ; */ TRUNCATE one"
    assert statements(script) == ["SELECT ''", "DO ''", "TRUNCATE one"]


async def test_what_a_migration_locks_is_seen(connection: Connection) -> None:
    await connection.execute("CREATE TABLE state (key text); CREATE TABLE wakes (key text); CREATE TABLE one (id int)")
    script = "ALTER TABLE state ADD COLUMN w text; CREATE INDEX i ON wakes (key); UPDATE one SET id = 1; SELECT 1"
    locked = await locks._apply(connection, Migration("planted", script))
    declared = (
        "-- locks: state against reads and writes, an instant\n-- locks: wakes against writes, 2 s for a million rows\n"
        "-- locks: one against changes of its rows, 1 s for a million rows\n"
    )
    assert locked.locks == declared_locks(declared)
    assert declared_locks(script) is None, "who says nothing says too little"
    assert declared_locks("-- locks: nothing") == frozenset() != locked.locks
    with pytest.raises(ValueError, match="how long is state locked"):
        declared_locks("-- locks: state against writes, not for long")
