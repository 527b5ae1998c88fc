"""A bus in memory: partitions as lists, and groups that share them out among their members, as Kafka does."""

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, cast

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError

from schemas.envelope import Headers
from schemas.services import SERVICES
from schemas.topic import PARTITIONS
from schemas.topics import TOPICS, by_service

if TYPE_CHECKING:
    from tests.simulation.consumer import Consumer
    from tests.simulation.world import World

Record = ConsumerRecord[bytes | None, bytes | None]
Strange = Literal["aborted", "marker", "impostor"]
"""A report of a transaction that was aborted, the mark of its end, or an event that somebody else has stated."""
ANSWER_SECONDS = 0.02
"""Less than `wakeup_margin_ms`: an answer on its way for longer would be taken for a younger one."""
HEARTBEAT_SECONDS = 0.5


class Bus:
    """All topics, each partition with all that was ever appended to it."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.logs: dict[TopicPartition, list[Record]] = {
            TopicPartition(topic.name, number): [] for topic in TOPICS for number in range(PARTITIONS)
        }
        self.strange: dict[TopicPartition, dict[int, Strange]] = {partition: {} for partition in self.logs}
        """Offset → what is no record like others there."""
        self.groups = {service: Group(self, service) for service in SERVICES}
        self._waiting: list[asyncio.Future[None]] = []

    def append(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
        strange: "Strange | None" = None,
    ) -> None:
        """The record is on the bus, stamped with the time at which it came."""
        where = TopicPartition(topic, partition)
        if strange is not None:
            self.strange[where][len(self.logs[where])] = strange
        log, now_ms = self.logs[where], self.world.now_ms()
        sizes = len(key or b""), len(value or b"")
        log.append(ConsumerRecord(*where, len(log), now_ms, 1, key, value, None, *sizes, cast("Any", headers)))
        self.world.note(f"{topic}[{partition}]@{len(log) - 1} is on the bus: {(key or b'').decode()}")
        waiting, self._waiting = self._waiting, []
        for fetch in waiting:
            if not fetch.done():
                fetch.set_result(None)

    def sound(self, partition: TopicPartition) -> list[Record]:
        """What was really said on a partition by those whose topic it is."""
        strange = self.strange[partition]
        return [record for record in self.logs[partition] if record.offset not in strange]

    async def appended(self, within_seconds: float) -> None:
        """Returns when something more is on the bus, at the latest after so long."""
        more: asyncio.Future[None] = self.world.loop.create_future()
        self._waiting.append(more)
        timer = self.world.loop.call_later(within_seconds, _resolve, more)
        try:
            await more
        finally:
            timer.cancel()


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class Group:
    """A group's coordinator: who is in, who has which partition numbers, and what was committed."""

    def __init__(self, bus: Bus, service: str) -> None:
        self.world, self.service = bus.world, service
        self.partitions = [
            TopicPartition(topic.name, number) for topic in by_service(service) for number in range(PARTITIONS)
        ]
        self.logs = {partition: bus.logs[partition] for partition in self.partitions}
        self.committed: dict[TopicPartition, int] = {}
        self.eaten = False
        """Whether a stranger has read in its name."""
        self.generation = 0
        self.members: dict[str, Consumer] = {}
        self._joined: dict[str, asyncio.Future[None]] = {}
        self._shares: dict[str, range] = {}
        self._sharing: asyncio.Task[None] | None = None

    @property
    def unread(self) -> int:
        """Partitions of which not all has been judged, as far as their present holders know."""
        return len(self.partitions) - sum(consumer.read_to_the_end() for consumer in self.members.values())

    async def join(self, consumer: "Consumer") -> None:
        """Returns when the consumer has been given its share; one that takes its old seat again soon has it at once."""
        if self.world.faults.strikes("stranger"):
            self.eaten_by_a_stranger()
        seated, self.members[consumer.name] = consumer.name in self.members, consumer
        if seated and consumer.name in self._shares and (self._sharing is None or self._sharing.done()):
            consumer.given(self._shares[consumer.name], self.generation)
            return
        self._joined[consumer.name] = waiting = self.world.loop.create_future()
        self.divide()
        await waiting

    def divide(self) -> None:
        """Asks all members to join again, unless that is under way."""
        if self._sharing is None or self._sharing.done():
            self._sharing = self.world.loop.create_task(self._divide())

    async def _divide(self) -> None:
        for name, consumer in self.members.items():
            if name not in self._joined:
                consumer.rejoin.set()
        deadline = self.world.loop.time() + self.world.session_seconds
        while set(self.members) != set(self._joined) and self.world.loop.time() < deadline:
            await asyncio.sleep(HEARTBEAT_SECONDS / 2)
        for name in [name for name in self.members if name not in self._joined]:
            self.leave(self.members[name])
        self._give()

    def _give(self) -> None:
        self.generation += 1
        names = sorted(self._joined)
        self._shares = shares = dict(zip(names, _ranges(len(names)), strict=True))
        joined, self._joined = self._joined, {}
        for name, waiting in joined.items():
            if not waiting.done():
                self.members[name].given(shares[name], self.generation)
                waiting.set_result(None)
        emitted = ", ".join(f"{name} {list(shares[name])}" for name in names)
        self.world.note(f"{self.service} is shared out: {emitted}")

    def leave(self, consumer: "Consumer") -> None:
        """The member is gone, or has been silent for too long; it hears of that at its next heartbeat."""
        if self.members.get(consumer.name) is consumer:
            self.world.note(f"{consumer.name} is out of the group")
            del self.members[consumer.name]
            self._joined.pop(consumer.name, None)
            consumer.rejoin.set()
            if self.members:
                self.divide()

    def eaten_by_a_stranger(self) -> None:
        """Somebody outside has used the group's name, and read everything there is."""
        self.world.note(f"a stranger has read all of {self.service}")
        self.eaten = True
        self.committed.update({partition: len(log) for partition, log in self.logs.items()})

    def commit(self, consumer: "Consumer", offsets: dict[TopicPartition, int]) -> None:
        """Raises CommitFailedError for who is no member of this generation."""
        if consumer.generation != self.generation or self.members.get(consumer.name) is not consumer:
            raise CommitFailedError("the group has been shared out anew")
        self.committed.update(offsets)


def _ranges(members: int) -> list[range]:
    """As Kafka's range assignor shares out the partitions of each topic."""
    whole, rest = divmod(PARTITIONS, members) if members else (0, 0)
    starts = [number * whole + min(number, rest) for number in range(members + 1)]
    return [range(start, end) for start, end in pairwise(starts)]
