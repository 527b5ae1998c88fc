"""Whom a change of a small table wakes: found by what the service's `routes.py` declares, a statement for each line."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache

from chassis.consume.reader import Keyed, Wake
from chassis.decide.aggregate import AnyReadModel, Wakes
from chassis.store.connection import Connection, columns
from chassis.store.locked_row import LockedRow, TableRow

WOKE_NOBODY = "INSERT 0 0"

Seen = tuple[object, ...]
"""What the woken rows are compared with of a row that has changed, in the order of `Wakes.equal`."""


async def wake_concerned(connection: Connection, cases: Iterable[LockedRow]) -> bool:
    """Asks for whatever the changes of these rows concern to be judged again. Whether they concern any.

    Comes after all rows of a batch have been written: who begins to wait in the same batch is among the woken. Who does
    so in another one at this very moment is not, and looks again by its own `due`.
    """
    changed: dict[Wakes, set[Seen]] = defaultdict(set)
    for case in cases:
        table = case.aggregate.table
        if table is not None and table.wakes and case.rows is not None:
            for wakes in table.wakes:
                changed[wakes].update(seen(table, wakes, case.key, *case.rows))
    found = False
    for wakes, rows in changed.items():
        if rows:
            woken = await connection.execute(find_and_wake(wakes), *columns(sorted(rows, key=repr), len(wakes.equal)))
            found = found or woken != WOKE_NOBODY
    return found


def seen(table: AnyReadModel, wakes: Wakes, key: str, was: TableRow, is_now: TableRow) -> Iterator[Seen]:
    """The version of a changed row that is looked at, if there is one."""
    row = was if wakes.version == "was" else is_now
    if row is None or was == is_now:
        return
    names = ("key", *table.columns)
    if wakes.unless_only_others and was is not None and is_now is not None:
        places = [names.index(name) - 1 for name in wakes.unless_only_others]
        if all(was[place] == is_now[place] for place in places):
            return
    of_row = dict(zip(names, (key, *row), strict=True))
    yield tuple(of_row[name] for name in wakes.equal.values())


@cache
def find_and_wake(wakes: Wakes) -> str:
    """The statement: the woken rows that equal one of those changed, each once however many do.

    `OFFSET 0` leaves no other way than from the changed rows to the woken ones, and on to their rows in `state`: a plan
    that is drawn up while both are empty would begin with the whole of `state`, and be kept.
    """
    woken = wakes.table
    types = {"key": "text", **woken.columns}
    given = ", ".join(f"${place}::{types[name]}[]" for place, name in enumerate(wakes.equal, start=1))
    names = ", ".join(wakes.equal)
    conditions = [f"{name} = changed.{name}" for name in wakes.equal]
    conditions += [f"{name} IS NULL" if value is None else name for name, value in wakes.having.items()]
    return (
        f"INSERT INTO wakes (kind, key, partition) "  # noqa: S608 - from the code
        f"SELECT DISTINCT '{wakes.woken.name}', found.key, found.partition FROM unnest({given}) AS changed ({names}) "
        f"CROSS JOIN LATERAL (SELECT key FROM {woken.name} WHERE {' AND '.join(conditions)} {_which(wakes)}) AS one "
        f"CROSS JOIN LATERAL (SELECT key, partition FROM state "
        f"WHERE kind = '{wakes.woken.name}' AND key = one.key OFFSET 0) AS found"
    )


def _which(wakes: Wakes) -> str:
    """All of them, or the first by an order that has an index."""
    return f"ORDER BY {', '.join(wakes.order)} LIMIT {wakes.first}" if wakes.first else "OFFSET 0"


def judges(item: Keyed, case: LockedRow, watermark: Mapping[int, datetime]) -> bool:
    """Whether anything is judged because of it. A tick may come late: its row has been judged since the look."""
    if not isinstance(item, Wake) or item.due is None:
        return not (isinstance(item, Wake) and item.settles)
    due: datetime | None = case.state.conclusions.due
    return due is not None and due <= watermark.get(case.partition, item.due)


def is_woken(wake: Wake) -> bool:
    """Whether something else has asked for it, rather than the clock or an operator."""
    return wake.due is None and wake.parked_id is None and not wake.settles
