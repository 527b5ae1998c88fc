"""Where a service is held up on request: put to sleep at a chosen place, or made to stand still.

As in `tests.faults.injection.environment`, everything is patched onto the classes of the chassis, in the forked
process only. A hold is asked for by a file `<service>.<point>` in a folder. Of all processes of that service the one
that takes the file away is held, once. (A rule that raises is no hold: it does so for as long as its file is there.)
"""

import asyncio
import os
import shutil
import signal
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from chassis.publish.relay import Relay
from chassis.store.engine import Engine
from chassis.store.judging import Judging
from chassis.store.locked_row import LockedRow
from chassis.store.outcome import Outcome

HELD_IN = "FAULTS_HELD_IN"
"""The folder, in the environment of a service."""
ASLEEP_IN_TRANSACTION = "asleep-in-transaction"
"""SIGSTOP, with a batch's rows locked."""
ASLEEP_SENDING = "asleep-sending"
"""SIGSTOP of a relay that has read the outbox and not sent what it read."""
RAISES = "raises"
"""A rule that raises for the case that the file names, for as long as the file is there."""
WORKER, LOOP, RELAY = "worker", "loop", "relay"
"""A worker that never returns, an event loop that blocks, a relay that never sends."""


class Pauses:
    """The harness's end: which holds are asked for. The folder is emptied first."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder

    @property
    def settings(self) -> Mapping[str, str]:
        """For the environment of every process."""
        return {HELD_IN: str(self.folder)}

    def ask(self, service: str, point: str, case: str = "") -> None:
        """One process of this service is to be held at this point; `case`: for which a rule raises."""
        (self.folder / f"{service}.{point}").write_text(case)

    def asked(self, service: str, point: str) -> bool:
        """Whether nobody has been held there yet."""
        return (self.folder / f"{service}.{point}").exists()

    def forgo(self, service: str, point: str) -> None:
        """Nobody need be held any more."""
        (self.folder / f"{service}.{point}").unlink(missing_ok=True)


def hold_as_asked(service: str, environment: Mapping[str, str]) -> None:
    """Patches the points at which a process of this service can be held."""
    if (folder := environment.get(HELD_IN)) is None:
        return

    def taken(point: str) -> bool:
        with suppress(FileNotFoundError):
            (Path(folder) / f"{service}.{point}").unlink()
            return True
        return False

    _raise_for(Path(folder) / f"{service}.{RAISES}")
    _patch(Engine, "_lock_and_load", after=lambda loaded: _sleep(bool(loaded) and taken(ASLEEP_IN_TRANSACTION)))
    _patch(Relay, "_send", before=lambda: _when(taken(ASLEEP_SENDING), _fall_asleep))
    _patch(Relay, "_send", before=lambda: _when(taken(RELAY), _never))
    _patch(Engine, "process", before=lambda: _when(taken(WORKER), _never))
    _patch(Engine, "process", before=lambda: _when(taken(LOOP), _block))


def _raise_for(asked: Path) -> None:
    original = Judging.alone

    def judged(self: Judging, case: LockedRow, *others: Any) -> Outcome:
        if asked.exists() and asked.read_text() == case.key:
            raise RuntimeError("a rule that raises")
        return original(self, case, *others)

    Judging.alone = judged  # type: ignore[assignment, method-assign]


async def _when(asked: bool, hold: Callable[[], Awaitable[None]]) -> None:
    if asked:
        await hold()


async def _fall_asleep() -> None:
    _sleep(True)


def _sleep(asked: bool) -> None:
    if asked:
        os.kill(os.getpid(), signal.SIGSTOP)


async def _never() -> None:
    await asyncio.Event().wait()


async def _block() -> None:
    threading.Event().wait()


def _patch(
    owner: type,
    name: str,
    before: Callable[[], Awaitable[None]] | None = None,
    after: Callable[[Any], None] | None = None,
) -> None:
    original = getattr(owner, name)

    async def patched(self: Any, *arguments: Any) -> Any:
        if before is not None:
            await before()
        answer = await original(self, *arguments)
        if after is not None:
            after(answer)
        return answer

    setattr(owner, name, patched)
