"""Points at which a service dies (`os._exit`), patched onto the classes of a forked process: the crash windows.

The product has no such points. A point is passed when what its sentence says has just been done.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import chassis.store.engine
import chassis.store.saving
from chassis.consume.consumption import Consumption
from chassis.publish.relay import Relay
from chassis.store.engine import Batch, Engine
from chassis.store.unit_of_work import UnitOfWork

DIED = 66
"""Exit status of a process that died at its point."""
ARMED = "armed"


class Fuse:
    """Counts how often a point is passed, and ends the process when its time has come.

    `which`: the number of the hit, from 1 on; or ARMED: the first after the file `armed_by` was made.
    """

    def __init__(self, which: str, armed_by: Path) -> None:
        self._which, self._armed_by = which, armed_by
        self._hits = 0

    def is_due(self) -> bool:
        """Counts a hit; whether this is the one."""
        self._hits += 1
        if self._which != ARMED:
            return self._hits == int(self._which)
        try:
            self._armed_by.unlink()
        except FileNotFoundError:
            return False
        return True

    def burn(self) -> None:
        """The process ends as kill -9 would end it: nothing is flushed, closed or said."""
        os._exit(DIED)

    def hit(self) -> None:
        """Passes the point."""
        if self.is_due():
            self.burn()


def patch(owner: Any, name: str, value: Any) -> None:
    """Puts `value` in the place of a method or function, in this process."""
    assert hasattr(owner, name), f"there is no {name} to patch any more"
    setattr(owner, name, value)


def _after_parse(fuse: Fuse) -> None:
    original = Engine._read

    def read(self: Engine, unit: UnitOfWork, records: Sequence[Any]) -> Iterator[Any]:
        yield from original(self, unit, records)
        if records:
            fuse.hit()

    patch(Engine, "_read", read)


def _after_lock_and_load(fuse: Fuse) -> None:
    original = Engine._lock_and_load

    async def lock_and_load(self: Engine, connection: Any, items: Sequence[Any]) -> Any:
        cases = await original(self, connection, items)
        if cases:
            fuse.hit()
        return cases

    patch(Engine, "_lock_and_load", lock_and_load)


def _before_commit(fuse: Fuse) -> None:
    _on_save(fuse, lambda _unit_of_work: True)


def _on_parking(fuse: Fuse) -> None:
    _on_save(fuse, lambda unit: bool(unit.parked))


def _on_save(fuse: Fuse, holds: Callable[[UnitOfWork], bool]) -> None:
    original = chassis.store.saving.save

    async def save(connection: Any, unit: UnitOfWork, cases: Iterable[Any]) -> None:
        await original(connection, unit, cases)
        if holds(unit):
            fuse.hit()

    patch(chassis.store.engine, "save", save)


def _after_commit(fuse: Fuse) -> None:
    original = Engine._judge

    async def judge(self: Engine, connection: Any, batch: Batch) -> Batch:
        left = await original(self, connection, batch)
        fuse.hit()
        return left

    patch(Engine, "_judge", judge)


def _after_refusal(fuse: Fuse) -> None:
    save, judge, refusing = chassis.store.saving.save, Engine._judge, set[Any]()

    async def save_and_look(connection: Any, unit: UnitOfWork, cases: Iterable[Any]) -> None:
        await save(connection, unit, cases)
        if unit.rejected:
            refusing.add(connection)

    async def judge_then_die(self: Engine, connection: Any, batch: Batch) -> Batch:
        refusing.discard(connection)
        left = await judge(self, connection, batch)
        if connection in refusing:
            fuse.hit()
        return left

    patch(chassis.store.engine, "save", save_and_look)
    patch(Engine, "_judge", judge_then_die)


def _before_offset_commit(fuse: Fuse) -> None:
    original = Consumption.commit

    async def commit(self: Consumption, records: Sequence[Any], generation: int) -> None:
        if records:
            fuse.hit()
        await original(self, records, generation)

    patch(Consumption, "commit", commit)


def _after_offset_commit(fuse: Fuse) -> None:
    original = Consumption.commit

    async def commit(self: Consumption, records: Sequence[Any], generation: int) -> None:
        await original(self, records, generation)
        if records:
            fuse.hit()

    patch(Consumption, "commit", commit)


def _mid_publish(fuse: Fuse) -> None:
    original = Relay._send_line

    async def send_line(self: Relay, *arguments: Any) -> None:
        await original(self, *arguments)
        fuse.hit()

    patch(Relay, "_send_line", send_line)


def _after_publish(fuse: Fuse) -> None:
    original = Relay._acknowledge

    async def acknowledge(self: Relay, connection: Any) -> None:
        if self._positions.claims:
            fuse.hit()
        await original(self, connection)

    patch(Relay, "_acknowledge", acknowledge)


def _mid_mark(fuse: Fuse) -> None:
    original = Relay._acknowledge

    async def acknowledge(self: Relay, connection: Any) -> None:
        claims = self._positions.claims
        if claims and fuse.is_due():
            self._positions.claims = dict(list(claims.items())[: (len(claims) + 1) // 2])
            await original(self, connection)
            fuse.burn()
        await original(self, connection)

    patch(Relay, "_acknowledge", acknowledge)


def _on_wake(fuse: Fuse) -> None:
    original = chassis.store.engine.take_wakes

    async def take_wakes(connection: Any, batch: Batch) -> None:
        await original(connection, batch)
        if batch.wakes:
            fuse.hit()

    patch(chassis.store.engine, "take_wakes", take_wakes)


POINTS: Mapping[str, Callable[[Fuse], None]] = {
    "after_parse": _after_parse,
    "after_lock_and_load": _after_lock_and_load,
    "before_commit": _before_commit,
    "after_commit": _after_commit,
    "after_refusal": _after_refusal,
    "before_offset_commit": _before_offset_commit,
    "after_offset_commit": _after_offset_commit,
    "mid_publish": _mid_publish,
    "after_publish": _after_publish,
    "mid_mark": _mid_mark,
    "on_wake": _on_wake,
    "on_parking": _on_parking,
}
"""Name → how it is put in. `after_refusal`: that a report was refused is committed; `mid_publish`: some of a relay's
lines are on the bus; `mid_mark`: half is marked."""
