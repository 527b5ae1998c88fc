"""Lanes that take their time: no mistake, bad luck, beside which a mistake shows."""

import asyncio
import os
from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

import chassis.engine
import chassis.saving
from chassis.case import Case
from chassis.docket import Docket
from chassis.engine import Engine
from tests.faults.failpoints import patch

_chance = Random()
_longest_seconds = 0.0


async def dawdle() -> None:
    """Waits for as long as lanes were asked to, at most."""
    if _longest_seconds:
        await asyncio.sleep(_chance.uniform(0, _longest_seconds))


def dawdling(longest_ms: float) -> None:
    """Lanes take their time once rows are loaded, and once all is saved and not committed: no mistake, bad luck."""
    global _longest_seconds  # noqa: PLW0603 - of this process alone
    _longest_seconds = longest_ms / 1000
    _chance.seed(os.getpid())
    lock_and_load, save = Engine._lock_and_load, chassis.saving.save

    async def load_slowly(self: Engine, connection: Any, items: Sequence[Any]) -> Any:
        cases = await lock_and_load(self, connection, items)
        await dawdle()
        return cases

    async def save_slowly(connection: Any, docket: Docket, cases: Iterable[Case]) -> None:
        await save(connection, docket, cases)
        await dawdle()

    patch(Engine, "_lock_and_load", load_slowly)
    patch(chassis.engine, "save", save_slowly)
