"""An asyncio loop without a clock of its own: when nobody can go on, time jumps to the next instant awaited."""

import asyncio
from asyncio import BaseEventLoop
from collections.abc import Sequence
from typing import Any


class Standstill(Exception):
    """Everybody waits for somebody else, and nobody for an instant."""


class VirtualLoop(BaseEventLoop):
    """Runs what is ready in the order in which it became ready, so the same program gives the same run, byte for byte.

    `time()` is in virtual seconds since the beginning. No thread, no socket, no signal.
    """

    def __init__(self) -> None:
        super().__init__()
        self.elapsed = 0.0
        self._selector = self
        self._clock_resolution = 1e-9

    def time(self) -> float:
        return self.elapsed

    def select(self, timeout: float | None) -> Sequence[Any]:
        """What the base class calls to wait: here the wait is over at once. Raises Standstill."""
        if timeout is None:
            raise Standstill("nobody waits for an instant")
        self.elapsed += timeout
        return ()

    def _process_events(self, _events: Sequence[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody waits outside of the loop."""


def close(loop: VirtualLoop) -> None:
    """Ends all tasks that are left, and the loop."""
    loop.run_until_complete(_end_all())
    loop.close()


async def _end_all() -> None:
    """Until none is left: one that was about to go on anyway may not notice that it was cancelled."""
    for _ in range(3):  # what has only just been begun takes its first step
        await asyncio.sleep(0)
    while left := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=60)
