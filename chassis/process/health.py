"""What a running service says of itself over HTTP: health is progress, not a ping."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from chassis.clock import Timeline, monotonic
from chassis.failures import of_database
from chassis.store.connection import Connection, sql, store_id

ASK_AGAIN_SECONDS = 0.01
BUS_SILENT_SECONDS = 10.0
"""A process that is asked for its health and has had no fetch answered for so long is not well: figures are old."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a service has yet to do. Instants in the stack's time."""

    outbox: int
    overdue: int
    wakes: int
    replays: int
    parked: int
    blocked: int
    oldest_unsent: datetime | None
    next_due: datetime | None
    erasures: int = 0
    """Those of which archive and record of access have not been gone through by the owner's job."""
    holds: int = 0
    removed: int = 0
    """What retention has removed: months, records and entries together."""
    unsettled: int = 0
    """Things on which readers have heard what this store, which has gone back, has lost."""

    @property
    def left(self) -> str:
        """For people; empty when nothing is left to do until the clock goes on or something new comes."""
        counts = {
            "events in the outbox": self.outbox,
            "rows overdue": self.overdue,
            "rows woken": self.wakes,
            "replays asked for": self.replays,
            "lost words to be settled": self.unsettled,
        }
        return ", ".join(f"{count} {what}" for what, count in counts.items() if count)


async def backlog(connection: Connection, timeline: Timeline) -> Backlog:
    """What the service's database says of the work left."""
    return Backlog(**await connection.fetchrow(sql("backlog"), timeline.now()))


class StoreProbe:
    """Asks the store of a process, on a connection of its own."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], timeline: Timeline) -> None:
        self._connect, self._timeline = connect, timeline
        self._connection: Connection | None = None
        self._asking = asyncio.Lock()
        """A connection answers one question at a time, and probes come when they please."""

    async def store_id(self) -> str:
        """Which store it is. Raises what the store raises, and LookupError when it has no identity."""
        async with self._asking:
            return await store_id(await self._connected())

    async def backlog(self) -> Backlog:
        """What is left to do. Raises what the store raises."""
        async with self._asking:
            return await backlog(await self._connected(), self._timeline)

    async def count(self, statement: str) -> int:
        """What a statement counts. Raises what the store raises."""
        async with self._asking:
            return int(await (await self._connected()).fetchval(statement))

    async def oldest_unsent(self, shards: Sequence[int]) -> Mapping[int, int]:
        """Shard → number of its oldest unsent event, for each that has one. Raises what the store raises."""
        async with self._asking:
            return dict(await (await self._connected()).fetch(sql("oldest_unsent"), shards))

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._connect()
        return self._connection

    def close(self) -> None:
        """Lets the connection go."""
        if self._connection is not None:
            self._connection.terminate()


class Reading(Protocol):
    """How far a process has read."""

    @property
    def partitions(self) -> Sequence[int]:
        """Those that it has been given."""

    def behind(self) -> int:
        """Records on the bus that have not been taken over."""

    def caught_up_since(self, real: datetime) -> bool:
        """Whether every topic was seen read to its end after `real`."""

    def unanswered_seconds(self) -> float:
        """For how long the bus has answered no fetch."""


class Group(Protocol):
    """Its consumer group."""

    @property
    def outside(self) -> str | None:
        """Why it is not in it, for people; None while it is."""


class Working(Protocol):
    """What a process does with what it has read."""

    @property
    def busy(self) -> bool:
        """Whether something is in hand."""

    @property
    def work(self) -> int:
        """A number that grows with everything done: two equal readings mean that nothing happened between them."""

    async def figures(self) -> Mapping[str, Any]:
        """What it has yet to do, for `/health`. Raises what its store raises."""

    async def left(self) -> str:
        """The same for people; empty when nothing is left. Raises what its store raises."""


class Health:
    """Answers `/health` and `/idle`."""

    def __init__(self, reading: Reading, group: Group, working: Working) -> None:
        self._reading, self._group, self._working = reading, group, working

    async def health(self) -> tuple[int, dict[str, Any]]:
        """200 when it has partitions, and database and bus answer, else 503; the figures behind that, what is wrong."""
        wrong = what_is_wrong(self._reading.unanswered_seconds(), self._group.outside)
        try:
            figures = await self._working.figures()
        except Exception as error:  # whatever is wrong with the store, the answer is that it is
            wrong = {"database": of_database(error), **wrong}
            return 503, {"healthy": False, **wrong, "partitions": list(self._reading.partitions)}
        partitions = list(self._reading.partitions)
        healthy = bool(partitions) and not wrong
        known = {"healthy": healthy, **wrong, "partitions": partitions, "records_behind": self._reading.behind()}
        return (200 if healthy else 503), {**known, **figures}

    async def idle_within(self, since: datetime, patience_seconds: float) -> dict[str, Any]:
        """`idle`, asked again until it is, or until patience ends: one request instead of many."""
        deadline = monotonic() + patience_seconds
        while True:
            answer = await self.idle(since)
            if answer["idle"] or monotonic() > deadline:
                return answer
            await asyncio.sleep(ASK_AGAIN_SECONDS)

    async def idle(self, since: datetime) -> dict[str, Any]:
        """Whether every topic was seen read to its end after `since` (real time), and nothing is left to do.

        `busy`: why it is not idle, for people; empty when it is.
        """
        work = self._working.work
        busy = await self._busy(since)
        if not busy and (work != self._working.work or self._working.busy):
            busy = "something was judged meanwhile"
        return {"idle": not busy, "work": work, "busy": busy}

    async def _busy(self, since: datetime) -> str:
        if not self._reading.caught_up_since(since):
            behind = self._reading.behind()
            return (
                f"topics not read to their ends, {behind} records behind"
                if self._reading.partitions
                else "no partitions"
            )
        return "a batch is being judged" if self._working.busy else await self._working.left()


def what_is_wrong(unanswered_seconds: float, outside: str | None) -> dict[str, str]:
    """What is wrong with a process beside its store, for people; empty when nothing is."""
    wrong = {}
    if unanswered_seconds > BUS_SILENT_SECONDS:
        wrong["bus"] = f"no fetch was answered for {unanswered_seconds:.0f} s"
    if outside is not None:
        wrong["group"] = outside
    return wrong
