"""A service that stands still ends itself, to be started anew: it has partitions and work, all others answer, and yet.

Time is counted in looks, not by the clock: a process that was frozen and goes on has not been looked at meanwhile.
"""

import asyncio
import logging
import os
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from chassis.bus_access import BusAccess, options_of
from chassis.process.shutdown import FROZEN, stop
from chassis.store.connection import STORE_FAILED, Connection

log = logging.getLogger("afterward.watchdog")

LOOKS = 12
"""Looks that must find the same before it counts as standing still."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What a moving service changes from one look to the next.

    `joined`: the group has given this process its part, be it nothing. `busy`: something has been handed on that
    is not judged yet. `tries`: transactions begun, in vain or not.
    `waiting`: partition → offset of the next record to be handed on, for each that is behind.
    `fetched`: when the bus last answered a fetch; None while nothing is fetched. `oldest_unsent`: shard → id.
    """

    joined: bool
    busy: bool
    tries: int
    waiting: Mapping[Any, int]
    fetched: int | None
    oldest_unsent: Mapping[int, int]

    def still(self, before: "Signs") -> frozenset[str]:
        """What has not moved since an earlier look although it should have."""
        found = set()
        if not self.joined and not before.joined:
            found.add("it has not been given its partitions")
        if self.tries == before.tries:
            if self.busy and before.busy:
                found.add("a batch does not come to its end")
            if self.waiting and _same(self.waiting, before.waiting):
                found.add("records wait on the bus, and none is taken over")
            if self.fetched is not None and self.fetched == before.fetched:
                found.add("the bus is not read")
        if _same(self.oldest_unsent, before.oldest_unsent):
            found.add("the oldest event in the outbox is not sent")
        return frozenset(found)


def _same(now: Mapping[Any, int], before: Mapping[Any, int]) -> bool:
    """Whether a place is where it was before."""
    return any(before.get(place) == at for place, at in now.items())


async def others_answer(connect: Callable[[], Awaitable[Connection]], bus: BusAccess | str) -> bool:
    """Whether the database and the bus answer on new connections. Raises what the database's connecting raises."""
    (await connect()).terminate()
    client = AIOKafkaClient(**options_of(bus), request_timeout_ms=5_000)
    try:
        await client.bootstrap()
    except KafkaError:
        return False
    finally:
        await client.close()
    return True


def stop_for(reason: str) -> None:
    """Ends this process, which stands still for this reason."""
    stop("standing still: %s; the process stops", reason)


class Watchdog:
    """Looks at the signs of a service, and ends the process when they have not changed for too long."""

    def __init__(
        self,
        signs: Callable[[], Awaitable[Signs]],
        others_answer: Callable[[], Awaitable[bool]],
        limit_seconds: float,
        end: Callable[[str], None] = stop_for,
    ) -> None:
        self._signs, self._others_answer, self._end = signs, others_answer, end
        self._pause_seconds = limit_seconds / LOOKS
        self._before: Signs | None = None
        self._counts: Counter[str] = Counter()

    async def run(self) -> None:
        """Looks, for as long as the process lives."""
        over = threading.Event()
        watcher = (asyncio.get_running_loop(), over)
        threading.Thread(target=self._watch, args=watcher, name="watchdog", daemon=True).start()
        try:
            while True:
                await asyncio.sleep(self._pause_seconds)
                with suppress(*STORE_FAILED):  # it is not us then
                    if (reason := await self.look()) and await self._others_answer():
                        return self._end(reason)
        finally:
            over.set()

    async def look(self) -> str | None:
        """Looks once: what has stood still for `LOOKS` looks in a row, if anything has."""
        before, self._before = self._before, await self._signs()
        if before is None:
            return None
        still = self._before.still(before)
        self._counts = Counter({what: self._counts[what] + 1 for what in still})
        return next((what for what, count in sorted(self._counts.items()) if count >= LOOKS), None)

    def _watch(self, loop: asyncio.AbstractEventLoop, over: threading.Event) -> None:
        """In a thread of its own: an event loop that stands still looks at nothing."""
        turned, silent = threading.Event(), 0
        while silent < 2 * LOOKS:
            turned.clear()
            with suppress(RuntimeError):  # the loop is closed: the process ends by itself
                loop.call_soon_threadsafe(turned.set)
            if over.wait(self._pause_seconds) or loop.is_closed():
                return
            silent = 0 if turned.is_set() else silent + 1
        log.critical("standing still: the event loop does not turn; the process ends")
        os._exit(FROZEN)
