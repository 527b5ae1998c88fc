"""A service's own copy of what another states on a compacted topic: nobody reads another's database.

A copy is one more kind of thing that a service keeps: the last word on each, in a small table beside its cases. Rules
get the whole copy as a value; a process reads it anew only when `<table>_revision` says that it has changed.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct, field

from chassis.decide.aggregate import Aggregate, ReadModel, Wakes, on
from chassis.decide.judge import Clock, Emitted, Receipt, State
from chassis.store.connection import Connection
from schemas.message import Event

Content = TypeVar("Content")


class Facts(Struct, frozen=True, array_like=True):
    """The last word on one thing, as it was emitted; `stands` false: it is no more."""

    rank: str = ""
    stands: bool = False
    entry: dict[str, Any] = field(default_factory=dict)


class Conclusions(Struct, frozen=True, array_like=True):
    """Nothing follows from a copy, and the clock does not change it."""

    due: datetime | None = None
    done: dict[str, str] = field(default_factory=dict)


Copied = State[Facts, Conclusions]

_REVISED = """
CREATE TABLE {table}_revision (revision uuid NOT NULL);
INSERT INTO {table}_revision VALUES (gen_random_uuid());
COMMENT ON TABLE {table}_revision IS 'another value after every change of {table}: whoever holds a copy reads it anew';
CREATE FUNCTION revise_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {table}_revision SET revision = gen_random_uuid();
    RETURN NULL;
END $$;
CREATE TRIGGER {table}_revised AFTER INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION revise_{table}();
"""


def replicated(
    aggregate: str,
    stands: type[Event],
    is_gone: type[Event],
    columns: Mapping[str, str],
    wakes: tuple[Wakes, ...] = (),
) -> Aggregate[Facts, Conclusions, None]:
    """A kind that keeps what `stands` says of each thing until `is_gone` is said of it, in a table named like the kind.

    `columns`: fields of the event that the table has beside the whole `entry`, with their PostgreSQL types.
    `wakes`: whom a change of the copy concerns.
    """

    def learn(facts: Facts, event: Event, receipt: Receipt) -> Facts:
        if receipt.rank <= facts.rank:
            return facts
        listed = isinstance(event, stands) and not event.withdrawn
        return Facts(receipt.rank, listed, event.model_dump(mode="json", exclude_none=True))

    def row(state: Copied) -> tuple[str, ...] | None:
        entry = state.facts.entry
        return (*(entry[name] for name in columns), _written(entry)) if state.facts.stands else None

    table = ReadModel(aggregate, {**columns, "entry": "json"}, row, revised(aggregate), wakes)
    return Aggregate(
        aggregate,
        Facts,
        Conclusions,
        _conclude,
        _announce,
        (on(stands, learn), on(is_gone, learn)),
        table=table,
        is_silent=True,
    )


def revised(table: str) -> str:
    """What goes beside a table of which a process may hold a copy: another revision after each change of it."""
    return _REVISED.format(table=table)


def _written(entry: Mapping[str, Any]) -> str:
    return msgspec.json.encode(entry).decode()


def _conclude(_facts: Facts, _announced: Conclusions, clock: Clock, _context: None) -> Conclusions:
    return Conclusions(clock.due, clock.done)


def _announce(_before: Copied, _after: Copied) -> Iterator[Emitted]:
    return iter(())


def read_all(table: str) -> str:
    """The statement that reads a whole copy with its revision, as of one instant."""
    return (
        f"SELECT (SELECT revision FROM {table}_revision) AS revision, "  # noqa: S608 - a name from the code
        f"(SELECT coalesce(json_agg(entry ORDER BY key), '[]') FROM {table}) AS entries"
    )


class Replica(Generic[Content]):
    """A copy as this process holds it. `build`: the rules' value, made of all entries in the order of their keys."""

    def __init__(self, table: str, entry: type, build: Callable[[list[Any]], Content]) -> None:
        self._entries = msgspec.json.Decoder(list[entry])  # type: ignore[valid-type]
        self._build = build
        self._read = read_all(table)
        self._held: tuple[Any, Content] | None = None

    async def at(self, connection: Connection, revision: Any) -> Content:
        """The copy, read anew unless the one in hand is of this revision; each time where a database has none."""
        if self._held is None or revision is None or self._held[0] != revision:
            row = await connection.fetchrow(self._read)
            self._held = row["revision"], self._build(self._entries.decode(row["entries"]))
        return self._held[1]
