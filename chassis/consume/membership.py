"""A process is in its group while its store answers, and under that store's name: others are refused by the bus.

Kafka shares a group out among whoever gives its name, and each takes away from the others what it is given. A process
without a store would sit on its partitions, and a stranger, or a second stack with another database, would eat them.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Protocol

from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import InconsistentGroupProtocolError, KafkaError

from chassis.clock import monotonic
from chassis.consume.watermarks import Watermarks
from chassis.failures import in_full, of_bus, of_database
from chassis.process.outages import BUS, STORE
from chassis.retrying import retry
from chassis.store.connection import STORE_FAILED

log = logging.getLogger("afterward.service")

LOOKS = 12
"""So often the store is asked in the time for which it may be silent."""
TRY_AGAIN_SECONDS = 1.0
REFUSED_PAUSE_SECONDS = 2.0
_REFUSED = (
    "group %s has members that do not belong to this stack: a stranger's consumer under this name, a stack with "
    "another database, or a process of an earlier version. This process is refused (its database is %s) and reads "
    "nothing. End them, or give them a group of their own (kafka-consumer-groups --describe --members names them); it "
    "tries again until they are gone"
)


def assignor_of(store_id: str) -> type[RangePartitionAssignor]:
    """Shares out as Kafka's range assignor does, under a name that only processes of the same store give."""
    return type("StoreAssignor", (RangePartitionAssignor,), {"name": f"afterward-{store_id}"})


class Joining(Protocol):
    """The subscriber that joins and leaves."""

    async def join(self, assignor: type[RangePartitionAssignor]) -> None:
        """Returns when it has its part. Raises KafkaError, and InconsistentGroupProtocolError when it is refused."""

    async def stop(self) -> None:
        """Leaves the group."""


class Member(Protocol):
    """The process that is in the group."""

    async def store_id(self) -> str:
        """Which store it has. Raises what the store raises."""

    async def before_joining(self) -> None:
        """Returns when it is ready to be given partitions."""


class Membership:
    """Joins the group once the store answers, and leaves it when the store has been silent for too long."""

    def __init__(
        self, group: str, subscriber: Joining, member: Member, watermarks: Watermarks, silent_seconds: float
    ) -> None:
        self._group, self._subscriber, self._member, self._watermarks = group, subscriber, member, watermarks
        self._silent_seconds = silent_seconds
        self._given_back = asyncio.Event()
        self._is_rejected = False
        self.outside: str | None = "the database has not been asked yet"
        """Why this process is not in its group; None while it is, or is about to be."""

    async def run(self) -> None:
        """Goes in and out, for as long as the process lives."""
        while True:
            store = await retry(self._member.store_id, STORE_FAILED, self._no_answer, TRY_AGAIN_SECONDS)
            STORE.back("group")
            if await self._joined(store):
                why = await self._while_it_answers(store)
                await self._leave(why)

    def give_back(self, why: str) -> None:
        """The partitions that were given cannot be read: others shall have them."""
        self.outside = why
        self._given_back.set()

    async def _no_answer(self, error: Exception) -> None:
        self.outside = f"the database does not answer ({of_database(error)})"
        _without_store(error)

    async def _joined(self, store: str) -> bool:
        """Whether the consumer could be started; joining itself is its own affair."""
        self._given_back.clear()
        self.outside = self.outside if self._is_rejected else None
        self._store = store
        try:
            await self._member.before_joining()
            await self._subscriber.join(assignor_of(store))
        except InconsistentGroupProtocolError:
            BUS.back("group")
            self._refused()
            return await self._not_joined()
        except KafkaError as error:
            self.outside = f"the bus does not answer ({of_bus(error)})"
            BUS.gone("group", in_full(of_bus(error), error))
            return await self._not_joined()
        BUS.back("group")
        return True

    async def _not_joined(self) -> bool:
        await self._subscriber.stop()
        await asyncio.sleep(TRY_AGAIN_SECONDS)
        return False

    async def _while_it_answers(self, store: str) -> str:
        """Returns when the process must leave, and says why."""
        heard, pause = monotonic(), self._silent_seconds / LOOKS
        while not self._given_back.is_set():
            try:
                async with asyncio.timeout(max(pause, heard + self._silent_seconds - monotonic())):
                    now = await self._member.store_id()
            except STORE_FAILED as error:
                _without_store(error)
                if monotonic() - heard >= self._silent_seconds:
                    return f"the database has not answered for {self._silent_seconds:g} s"
            else:
                STORE.back("group")
                heard = monotonic()
                if now != store:
                    return f"the database is another one than before ({now} instead of {store})"
            await self._pause(pause)
        return self.outside or "the partitions could not be read"

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._given_back.wait()

    async def _leave(self, why: str) -> None:
        self.outside = why
        log.warning("%s: this process gives its partitions back, and joins group %s again later", why, self._group)
        self._watermarks.revoked()
        await self._subscriber.stop()
        await asyncio.sleep(TRY_AGAIN_SECONDS)

    async def refused(self) -> None:
        """A fetch has said that the bus takes this process for a stranger; returns when it may be asked again."""
        self._refused()
        await asyncio.sleep(REFUSED_PAUSE_SECONDS)

    def fetched(self) -> None:
        """A fetch has been answered."""
        if self._is_rejected and self._watermarks.known.is_set():
            self._is_rejected, self.outside = False, None
            log.warning("group %s takes this process in again", self._group)

    def _refused(self) -> None:
        if not self._is_rejected:
            log.error(_REFUSED, self._group, self._store)
        self._is_rejected = True
        self.outside = f"group {self._group} has members that do not belong to this stack: they have to end"


def _without_store(error: Exception) -> None:
    """Whoever noticed first may have seen a broken connection only; why there is no new one is said too."""
    words = of_database(error)
    STORE.gone("group", in_full(words, error))
    if words != type(error).__name__:
        STORE.refuses(words)
