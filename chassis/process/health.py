"""What a running service says of itself over HTTP: health is progress, not a ping."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from chassis.clock import Timeline, monotonic
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


class Health:
    """Answers `/health` and `/idle`; it asks the database on a connection of its own."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        timeline: Timeline,
        partitions: Callable[[], Any],
        behind: Callable[[], int],
        workers_idle: Callable[[], bool],
        caught_up_since: Callable[[datetime], bool],
        work: Callable[[], int],
    ) -> None:
        self._connect, self._timeline = connect, timeline
        self._partitions, self._behind, self._workers_idle = partitions, behind, workers_idle
        self._caught_up_since, self._work = caught_up_since, work
        self._connection: Connection | None = None
        self._asking = asyncio.Lock()
        self.what_else: Callable[[], Mapping[str, str]] = dict
        """What is wrong beside the store, for people."""

    async def health(self) -> tuple[int, dict[str, Any]]:
        """200 when it has partitions, and database and bus answer, else 503; the figures behind that, what is wrong."""
        wrong = self.what_else()
        try:
            left = await self._backlog()
        except Exception as error:  # whatever is wrong with the store, the answer is that it is
            wrong = {"database": type(error).__name__, **wrong}
            return 503, {"healthy": False, **wrong, "partitions": list(self._partitions())}
        partitions = list(self._partitions())
        healthy = bool(partitions) and not wrong
        body = {"healthy": healthy, **wrong, "partitions": partitions, "records_behind": self._behind(), **asdict(left)}
        return (200 if healthy else 503), body

    async def store_id(self) -> str:
        """Which store the service has. Raises what the store raises, and LookupError when it has no identity."""
        async with self._asking:
            return await store_id(await self._connected())

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
        work = self._work()
        busy = await self._busy(since)
        if not busy and (work != self._work() or not self._workers_idle()):
            busy = "something was judged meanwhile"
        return {"idle": not busy, "work": work, "busy": busy}

    async def _busy(self, since: datetime) -> str:
        if not self._caught_up_since(since):
            behind = self._behind()
            return f"topics not read to their ends, {behind} records behind" if self._partitions() else "no partitions"
        return (await self._backlog()).left if self._workers_idle() else "a batch is being judged"

    async def oldest_unsent(self, shards: Sequence[int]) -> dict[int, int]:
        """Shard → id of the oldest event in its outbox, for each that has one."""
        async with self._asking:
            return dict(await (await self._connected()).fetch(sql("oldest_unsent"), shards))

    async def _backlog(self) -> Backlog:
        async with self._asking:  # a connection answers one at a time, and probes come when they please
            return await backlog(await self._connected(), self._timeline)

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._connect()
        return self._connection

    async def close(self) -> None:
        """Lets the connection go."""
        if self._connection is not None:
            self._connection.terminate()


def what_is_wrong(unanswered_seconds: float, outside: str | None) -> dict[str, str]:
    """What is wrong with a process beside its store, for people; empty when nothing is."""
    wrong = {}
    if unanswered_seconds > BUS_SILENT_SECONDS:
        wrong["bus"] = f"no fetch was answered for {unanswered_seconds:.0f} s"
    if outside is not None:
        wrong["group"] = outside
    return wrong
