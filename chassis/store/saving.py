"""What a batch has caused, written within its transaction: how far was read, rows, events, and what was parked."""

from collections.abc import Iterable, Sequence
from typing import Any

from chassis.consume.read_offsets import ReadOffset
from chassis.publish.archive import state
from chassis.store.connection import Connection, StoreWentBack, columns, sql
from chassis.store.locked_row import LockedRow
from chassis.store.parked import Parked, cut_heavy
from chassis.store.read_models import save_tables
from chassis.store.unit_of_work import UnitOfWork
from chassis.store.waking import wake_concerned


async def note_read(connection: Connection, marks: Sequence[ReadOffset]) -> None:
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


async def save(connection: Connection, unit: UnitOfWork, cases: Iterable[LockedRow]) -> bool:
    """Writes all that a batch has caused, a constant number of statements however large it is; nothing after it.

    Whether it asks for something to be judged: a row was woken, or what had been parked was put back.

    Raises:
        StaleRow: a row was changed under its lock, which only a store that lost its memory can do.
        EpochOver: see `archive.state`.
    """
    changed = [case for case in cases if case.changed]
    if changed:
        saved = await connection.execute(sql("save_rows"), *columns((case.saved() for case in changed), 12))
        if saved != f"UPDATE {len(changed)}":
            raise StaleRow(f"{saved} instead of {len(changed)} rows")
        await save_tables(connection, changed)
    await _park(connection, unit)
    if unit.wakes:
        await connection.execute(sql("add_wakes"), *columns(unit.wake_rows(), 3))
    concerned = await wake_concerned(connection, changed)
    if unit.settled:
        await connection.execute(sql("settle"), *columns(unit.settled, 2))
    if unit.emitted:  # last: until the commit nobody else states events in these shards
        unit.stated = await state(connection, unit.now, unit.emitted, unit.epoch)
    return concerned or bool(unit.wakes or unit.unparked)


async def _park(connection: Connection, unit: UnitOfWork) -> None:
    """What could not be judged, and what could of what was parked before."""
    if unit.parked:
        await cut_heavy(connection, unit.parked, unit.parked_whole)
        once: dict[bytes, tuple[Any, ...]] = {}
        for row in map(Parked.row, unit.parked):
            once.setdefault(row[0], row)
        await connection.execute(sql("park"), unit.now, *columns(once.values(), 12))
    if unit.unparked:  # after what was parked, which may have to wait behind the same case
        await connection.execute(sql("unpark"), unit.unparked)
        unblocked = columns(sorted(unit.unblocked), 2)
        await connection.execute(sql("unblock"), *unblocked)
        await connection.execute(sql("replay_waiting"), *unblocked)


class StaleRow(Exception):
    """A row's version had moved on although it was locked: the transaction is given up, and judged again."""
