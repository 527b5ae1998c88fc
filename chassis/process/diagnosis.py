"""What a process says of a bus that it cannot use: not only that it fails, but why."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from chassis.bus_access import BusAccess
from chassis.bus_diagnosis import why_not
from chassis.clock import monotonic
from chassis.process.outages import BUS, Outage

log = logging.getLogger("afterward.outage")

LOOK_SECONDS: Final = 1.0
PATIENCE_SECONDS: Final = 3.0
"""A broker that was started again is back by then: nothing is to be found out."""
ASK_AGAIN_SECONDS: Final = 15.0

Ask = Callable[[BusAccess, Iterable[str]], Awaitable[str | None]]


class Diagnosis:
    """Tries the bus itself once it has failed the others for a while, and says what it finds.

    `well`: whether this process has what it wants of the bus, as far as it can tell.
    """

    def __init__(
        self,
        bus: BusAccess,
        topics: Iterable[str],
        well: Callable[[], bool],
        outage: Outage = BUS,
        ask: Ask = why_not,
    ) -> None:
        self._bus, self._topics, self._well, self._outage, self._ask = bus, tuple(topics), well, outage, ask
        self._ill_since: float | None = None
        self._ask_at = 0.0
        self.why: str | None = None
        """Why the bus cannot be used, for people; None while it can, or nobody knows."""

    async def run(self) -> None:
        """Looks, for as long as the process lives."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Looks once; asks the bus where that is due."""
        if self._well() and not self._outage.lasts:
            self._ill_since = self.why = None
            return
        now = monotonic()
        if self._ill_since is None:
            self._ill_since, self._ask_at = now, now + PATIENCE_SECONDS
        if now < self._ask_at:
            return
        why = await self._ask(self._bus, self._topics)
        self._ask_at = monotonic() + ASK_AGAIN_SECONDS
        if why is not None and why != self.why:
            log.error("the bus cannot be used: %s", why)
        self.why = why
