"""What a batch has caused, written within its transaction: how far was read, rows, events, and what was parked."""

from collections.abc import Iterable, Sequence
from typing import Any

from chassis.bookmarks import Bookmark
from chassis.case import Case
from chassis.docket import Docket
from chassis.parked import Parked, cut_heavy
from chassis.stating import state
from chassis.store import Connection, StoreWentBack, columns, sql
from chassis.tables import save_tables


async def note_read(connection: Connection, marks: Sequence[Bookmark]) -> None:
    """How far has been read is part of what is committed with what was judged.

    Raises:
        StoreWentBack: the store knows less than it has told this process before.
    """
    if marks:
        noted = await connection.execute(sql("note_read"), *columns(marks, 5))
        if noted != f"UPDATE {len(marks)}":
            raise StoreWentBack(
                f"the database has gone back: of {len(marks)} partitions it knows less than it did (a backup was "
                "restored, or a replica that lagged was promoted). Nothing is written; what it lacks is read again "
                "from where it stands"
            )


async def save(connection: Connection, docket: Docket, cases: Iterable[Case]) -> None:
    """Writes all that a batch has caused, a constant number of statements however large it is.

    Raises:
        StaleRow: a row was changed under its lock, which only a store that lost its memory can do.
        EpochOver: see `stating.state`.
    """
    changed = [case for case in cases if case.changed]
    if changed:
        saved = await connection.execute(sql("save_rows"), *columns((case.saved() for case in changed), 12))
        if saved != f"UPDATE {len(changed)}":
            raise StaleRow(f"{saved} instead of {len(changed)} rows")
        await save_tables(connection, changed)
    if docket.said:
        await state(connection, docket.now, docket.said, docket.epoch)
    if docket.parked:
        await cut_heavy(connection, docket.parked, docket.parked_whole)
        once: dict[bytes, tuple[Any, ...]] = {}
        for row in map(Parked.row, docket.parked):
            once.setdefault(row[0], row)
        await connection.execute(sql("park"), docket.now, *columns(once.values(), 12))
    if docket.unparked:  # after what was parked, which may have to wait behind the same case
        await connection.execute(sql("unpark"), docket.unparked)
        freed = columns(sorted(docket.freed), 2)
        await connection.execute(sql("unstick"), *freed)
        await connection.execute(sql("replay_waiting"), *freed)
    if docket.wakes:
        await connection.execute(sql("add_wakes"), *columns(docket.wake_rows(), 3))


class StaleRow(Exception):
    """A row's version had moved on although it was locked: the transaction is given up, and judged again."""
