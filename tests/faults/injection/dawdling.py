"""Workers that take their time: no mistake, bad luck, beside which a mistake shows."""

import asyncio
import os
from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

import chassis.store.engine
import chassis.store.saving
from chassis.store.engine import Engine
from chassis.store.locked_row import LockedRow
from chassis.store.unit_of_work import UnitOfWork
from tests.faults.injection.failpoints import patch

_chance = Random()
_longest_seconds = 0.0


async def dawdle() -> None:
    """Waits for as long as workers were asked to, at most."""
    if _longest_seconds:
        await asyncio.sleep(_chance.uniform(0, _longest_seconds))


def dawdling(longest_ms: float) -> None:
    """Workers take their time once rows are loaded, and once all is saved and not committed: no mistake, bad luck."""
    global _longest_seconds  # noqa: PLW0603 - of this process alone
    _longest_seconds = longest_ms / 1000
    _chance.seed(os.getpid())
    lock_and_load, save = Engine._lock_and_load, chassis.store.saving.save

    async def load_slowly(self: Engine, connection: Any, items: Sequence[Any]) -> Any:
        cases = await lock_and_load(self, connection, items)
        await dawdle()
        return cases

    async def save_slowly(connection: Any, unit: UnitOfWork, cases: Iterable[LockedRow]) -> None:
        await save(connection, unit, cases)
        await dawdle()

    patch(Engine, "_lock_and_load", load_slowly)
    patch(chassis.store.engine, "save", save_slowly)
