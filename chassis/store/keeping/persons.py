"""A person in the database of one service: found, held, and erased from all that the service works with.

What only the owner of the database may change, archive and record of access, is the owner's job (`retaining`): it is
written down in `erasure`, and gone through when that job runs.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, get_args

import msgspec

from chassis.decide.aggregate import AnyAggregate, Ids
from chassis.ids import partition_of
from chassis.store.connection import Connection, columns, sql
from chassis.store.keeping import statement
from chassis.store.locked_row import LockedRow
from chassis.store.upgrading.converting import document_type
from chassis.store.waking import wake_concerned
from schemas.topic import PARTITIONS

Row = tuple[str, str]
"""Kind and key."""
SEARCH_SECONDS = 600
"""So long it may take to look through all documents."""
ALL_IDS: tuple[Ids, ...] = get_args(Ids)


class Held(Exception):
    """A hold protects the person."""


class StillOpen(Exception):
    """Things of the person are not over: `number` of them."""

    def __init__(self, number: int) -> None:
        super().__init__(f"{number} are open")
        self.number = number


class Illegible(Exception):
    """A document in which the person stands cannot be read: whose it is nobody knows."""


class Person(NamedTuple):
    """A pseudonym, and the ids of all that is known to be of that person: what they are ids of → ids."""

    ref: str
    things: Mapping[Ids, Sequence[str]]

    @property
    def ids(self) -> list[str]:
        """All of them, whatever they are ids of."""
        return sorted({id_ for ids in self.things.values() for id_ in ids})


class Found(NamedTuple):
    """What a service knows: ids of things of the person; how many of all that are named it knows, how many of them are
    open (the clock or an operator has yet to come), and whether a hold protects them.
    """

    things: Mapping[Ids, Sequence[str]]
    known: int
    open: int
    held: bool


class Erased(NamedTuple):
    """The number of the erasure; how many things, and how many parked records, were erased."""

    erasure: int
    things: int
    parked: int


async def find(connection: Connection, aggregates: Iterable[AnyAggregate], person: Person) -> Found:
    """What this service knows of a person, beside what is named already. Raises Illegible."""
    kinds = _personal(aggregates)
    things = {ids: set(person.things.get(ids, ())) for ids in ALL_IDS}
    for aggregate in kinds:
        if _of(aggregate).refs is not None:
            for ids, id_ in await _named(connection, aggregate, person.ref):
                things[ids].add(id_)
    by_name = {kind.name: kind for kind in kinds}
    pattern = rf'"person_ref"\s*:\s*"{_escaped(person.ref)}"'
    for row in await connection.fetch(statement("find_parked"), list(by_name), pattern, timeout=SEARCH_SECONDS):
        things[_of(by_name[row["kind"]]).ids].add(row["key"])
    whole = Person(person.ref, {ids: sorted(found) for ids, found in things.items()})
    counted = await connection.fetchrow(statement("count_open"), *columns(_rows(kinds, whole), 2))
    return Found(whole.things, counted["known"], counted["open"], await is_held(connection, whole))


async def is_held(connection: Connection, person: Person) -> bool:
    """Whether a hold protects a person, or anything of theirs."""
    return bool(await connection.fetchval(statement("is_held"), person.ref, person.ids))


async def hold(connection: Connection, person: Person, by: str, why: str) -> None:
    """From now on neither erasure nor retention touches the person here."""
    await connection.execute(statement("put_hold"), person.ref, person.ids, by, why)


async def release(connection: Connection, ref: str) -> Sequence[str] | None:
    """The hold is over. What it protected; None: there was none."""
    keys: Sequence[str] | None = await connection.fetchval(statement("release_hold"), ref)
    return keys


async def erase(
    connection: Connection, aggregates: Iterable[AnyAggregate], person: Person, by: str, why: str, *, even_open: bool
) -> Erased:
    """Takes a person out of all that this service works with, within one transaction, and lets nobody bring them back.

    Raises Held, StillOpen.
    """
    if await is_held(connection, person):
        raise Held
    kinds = _personal(aggregates)
    rows = _rows(kinds, person)
    cases = await _locked(connection, {kind.name: kind for kind in kinds}, rows)
    known = [case for case in cases if case.loaded_bytes or case.blocked]
    number = sum(case.blocked or case.state.conclusions.due is not None for case in known)
    if number and not even_open:
        raise StillOpen(number)
    erasure, anybody = await connection.fetchrow(statement("write_erasure"), by, why, person.ids, *columns(rows, 2))
    parked = int(await connection.fetchval(statement("erase_rows"), *columns(rows, 2)))
    given = [person.ref, *person.ids]
    swept = await connection.execute(statement("erase_unreadable"), pattern_of(given), given)
    await _leave_figures(connection, cases, anybody)
    return Erased(erasure, len(known), parked + int(swept.rpartition(" ")[2]))


async def _locked(
    connection: Connection, kinds: Mapping[str, AnyAggregate], rows: Sequence[Row]
) -> Sequence[LockedRow]:
    """All rows, made where there are none: whoever is about to make one of them waits until this transaction ends."""
    if not rows:
        return ()
    made = ((kind, key, partition_of(key, PARTITIONS)) for kind, key in rows)
    await connection.execute(sql("add_rows"), *columns(made, 3))
    locked = await connection.fetch(sql("lock_rows"), *columns(rows, 2))
    return [LockedRow.load(kinds[kind], row) for kind, *row in locked]


async def _leave_figures(connection: Connection, cases: Sequence[LockedRow], anybody: str) -> None:
    """Takes the rows of small tables, but for what stays as a figure of `anybody`, and wakes whom that concerns."""
    gone, woken = {(case.aggregate.name, case.key) for case in cases}, set[Row]()
    for aggregate in {case.aggregate.name: case.aggregate for case in cases}.values():
        table, keys = aggregate.table, [case.key for case in cases if case.aggregate is aggregate]
        if table is not None and table.as_figures:
            await connection.execute(table.as_figures, keys, anybody)
        elif table is not None:
            await connection.execute(f"DELETE FROM {table.name} WHERE key = ANY ($1)", keys)  # noqa: S608 - from the code
    for case in cases:
        if case.legible and case.aggregate.table is not None:
            case.rows = case.aggregate.table.row(case.state), None
        if case.legible and case.aggregate.wakes is not None:
            woken.update(case.aggregate.wakes(case.state, case.aggregate.begin()))
    if others := sorted(woken - gone):
        await connection.execute(
            sql("add_wakes"), *columns(((*row, partition_of(row[1], PARTITIONS)) for row in others), 3)
        )
    await wake_concerned(connection, cases)


async def _named(connection: Connection, aggregate: AnyAggregate, ref: str) -> list[tuple[Ids, str]]:
    """The ids of what is the person's by the documents of a kind."""
    found: list[tuple[Ids, str]] = []
    decode = msgspec.json.Decoder(document_type(aggregate)).decode
    rows = await connection.fetch(statement("find_documents"), aggregate.name, f'"{ref}"', timeout=SEARCH_SECONDS)
    for row in rows:
        try:
            facts, _ = decode(row["document"])
        except msgspec.DecodeError:
            raise Illegible from None
        of_person = _of(aggregate)
        if ref in of_person.refs(facts):
            found += [(of_person.ids, row["key"]), *of_person.names(facts)]
    return found


def _personal(aggregates: Iterable[AnyAggregate]) -> list[AnyAggregate]:
    return [aggregate for aggregate in aggregates if aggregate.of_person is not None]


def _of(aggregate: AnyAggregate) -> Any:
    return aggregate.of_person


def _rows(kinds: Iterable[AnyAggregate], person: Person) -> list[Row]:
    """The rows that things of a person have here, if they are known, in the order in which rows are locked."""
    return sorted({(kind.name, key) for kind in kinds for key in person.things.get(_of(kind).ids, ())})


def pattern_of(ids: Iterable[str]) -> str:
    """A regular expression, as PostgreSQL has them, for any of these ids standing by itself in a text."""
    any_of = "|".join(_alternatives(ids))
    return rf"(^|[^A-Za-z0-9._:/-])({any_of})($|[^A-Za-z0-9._:/-]|[.:]($|[^A-Za-z0-9]))"


def _alternatives(ids: Iterable[str]) -> Iterator[str]:
    return (_escaped(id_) for id_ in sorted(ids, key=len, reverse=True))


def _escaped(id_: str) -> str:
    """Of what an id may hold only the full stop means something else in a regular expression."""
    return re.sub(r"([^A-Za-z0-9_])", r"\\\1", id_)
