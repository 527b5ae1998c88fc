"""One simulated world: its time, its chance, its trace, and whoever is at work in it."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from chassis.clock import Step, VirtualTime
from tests.simulation.faults import Faults
from tests.simulation.loop import VirtualLoop

if TYPE_CHECKING:
    from tests.simulation.bus import Bus
    from tests.simulation.process import Process
    from tests.simulation.store import Store

BEGINNING = datetime(2030, 1, 1, tzinfo=UTC)
"""What the machines' own clocks show when the loop begins."""

AT_WORK: ContextVar["Process"] = ContextVar("at_work")
"""The process whose code runs; whatever it starts runs in its name too."""


class StoppedClock(VirtualTime):
    """The stack's virtual clock, its steps in memory: it stands still until somebody sets it."""

    def __init__(self, world: "World", shows: datetime) -> None:
        super().__init__(Path())
        self._context = world
        self._all = [Step(BEGINNING, shows, 0)]

    def now(self) -> datetime:
        return self._all[-1].shows

    def steps(self) -> list[Step]:
        return self._all

    def step_to(self, shows: datetime, speed: float = 0) -> None:
        """From now on the clock shows `shows`."""
        self._context.note(f"the clock shows {shows.isoformat()}")
        self._all.append(Step(self._context.real_now(), shows, speed))


@dataclass
class World:
    """`dice`: the one stream of chance. `lines`: the trace, kept only if somebody wants to read it."""

    dice: Random
    loop: VirtualLoop
    faults: Faults
    lines: list[str] | None = None
    problems: list[str] = field(default_factory=list)
    """What must never happen: a process that stopped itself, a world that does not come to rest."""
    session_seconds: float = 6.0
    """How long a process may be silent before the group shares out its partitions."""
    clock: "StoppedClock" = field(init=False)
    bus: "Bus" = field(init=False)
    stores: dict[str, "Store"] = field(default_factory=dict)
    ended: Callable[["Process"], None] = field(init=False)
    """Called when a process has died."""

    def note(self, what: str) -> None:
        """A line of the trace."""
        if self.lines is not None:
            self.lines.append(f"{self.loop.elapsed:.6f} {what}")

    def real_now(self) -> datetime:
        """What the machines' own clocks show."""
        return BEGINNING + timedelta(seconds=self.loop.elapsed)

    def now_ms(self) -> int:
        """The same as Kafka counts."""
        return int(self.real_now().timestamp() * 1000)

    async def pass_time(self, most_seconds: float) -> None:
        """Some time goes by; others go on. Kafka counts milliseconds, so less than two of them might be none."""
        await asyncio.sleep(0.002 + self.dice.random() * most_seconds)

    async def pass_to(self, instant: float) -> None:
        """Time goes by up to an instant of the loop."""
        await asyncio.sleep(max(0.0, instant - self.loop.time()))
