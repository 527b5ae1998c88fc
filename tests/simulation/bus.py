"""A bus in memory: partitions as lists, and groups that share them out among their members, as Kafka does."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, RequestTimedOutError

from schemas.envelope import Headers
from schemas.topics import PARTITIONS, SERVICES, TOPICS, by_service

if TYPE_CHECKING:
    from tests.simulation.process import Process
    from tests.simulation.world import World

Record = ConsumerRecord[bytes | None, bytes | None]
ANSWER_SECONDS = 0.02
"""Less than `wakeup_margin_ms`: an answer on its way for longer would be taken for a younger one."""
FETCH_SECONDS = 0.2
"""Between two fetches of a consumer, so that a fetch brings more than a record."""
HEARTBEAT_SECONDS = 0.5
LAG_SECONDS = 3.0


class Bus:
    """All topics, each partition with all that was ever appended to it."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.logs: dict[TopicPartition, list[Record]] = {
            TopicPartition(topic.name, number): [] for topic in TOPICS for number in range(PARTITIONS)
        }
        self.groups = {service: Group(self, service) for service in SERVICES}
        self._waiting: list[asyncio.Future[None]] = []

    def append(self, topic: str, partition: int, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        """The record is on the bus, stamped with the time at which it came."""
        where = TopicPartition(topic, partition)
        log, now_ms = self.logs[where], self.world.now_ms()
        sizes = len(key or b""), len(value or b"")
        log.append(ConsumerRecord(*where, len(log), now_ms, 1, key, value, None, *sizes, cast("Any", headers)))
        self.world.note(f"{topic}[{partition}]@{len(log) - 1} is on the bus: {(key or b'').decode()}")
        waiting, self._waiting = self._waiting, []
        for fetch in waiting:
            if not fetch.done():
                fetch.set_result(None)

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
        seated, self.members[consumer.name] = consumer.name in self.members, consumer
        if seated and consumer.name in self._shares and (self._sharing is None or self._sharing.done()):
            consumer.given(self._shares[consumer.name], self.generation)
            return
        self._joined[consumer.name] = waiting = self.world.loop.create_future()
        self.share_out()
        await waiting

    def share_out(self) -> None:
        """Asks all members to join again, unless that is under way."""
        if self._sharing is None or self._sharing.done():
            self._sharing = self.world.loop.create_task(self._share_out())

    async def _share_out(self) -> None:
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
        said = ", ".join(f"{name} {list(shares[name])}" for name in names)
        self.world.note(f"{self.service} is shared out: {said}")

    def leave(self, consumer: "Consumer") -> None:
        """The member is gone, or has been silent for too long; it hears of that at its next heartbeat."""
        if self.members.get(consumer.name) is consumer:
            self.world.note(f"{consumer.name} is out of the group")
            del self.members[consumer.name]
            self._joined.pop(consumer.name, None)
            consumer.rejoin.set()
            if self.members:
                self.share_out()

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


@dataclass
class Held:
    """A partition as its consumer sees it; the names are aiokafka's."""

    position: int
    highwater: int | None = None
    polled_ms: int | None = None
    lags_until: float = 0.0
    has_valid_position: bool = True


@dataclass
class Consumer:
    """What a service asks of an aiokafka consumer, and the part of it that keeps to the group."""

    process: "Process"
    group: Group
    listener: Any
    fetch_seconds: float
    from_the_beginning: bool = True
    """Where it starts in a partition of which the group has committed nothing."""
    held: dict[TopicPartition, Held] = field(default_factory=dict)
    generation: int = -1
    active: bool = False
    rejoin: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def name(self) -> str:
        return self.process.name

    @property
    def world(self) -> "World":
        return self.process.world

    async def keep_to_the_group(self) -> None:
        """Joins, and joins again whenever the coordinator asks for it."""
        while True:
            revoked, self.active = list(self.held), False
            await self.listener.on_partitions_revoked(revoked)
            self.rejoin.clear()
            await self.process.step("join", HEARTBEAT_SECONDS)
            await self.group.join(self)
            await self.process.step("joined", HEARTBEAT_SECONDS / 10)
            await self.listener.on_partitions_assigned(list(self.held))
            await self.rejoin.wait()
            await self.process.step("heartbeat", HEARTBEAT_SECONDS)

    def read_to_the_end(self) -> int:
        """How many of its partitions it has read to their end; none while something waits to be judged."""
        service = self.process.service
        busy = service.progress.handing_on or not all(lane.idle for lane in service.lanes)
        if busy or self.process.dead or self.generation != self.group.generation:
            return 0
        handed_on = service.progress._readings
        return sum(
            partition in handed_on and handed_on[partition].next_offset == len(self.group.logs[partition])
            for partition in self.held
        )

    def given(self, numbers: Sequence[int], generation: int) -> None:
        """This is its share now, and it reads on from what was committed."""
        mine = [partition for partition in self.group.partitions if partition.partition in numbers]
        self.held = {partition: Held(self._start_of(partition)) for partition in mine}
        self.generation, self.active = generation, True

    def _start_of(self, partition: TopicPartition) -> int:
        otherwise = 0 if self.from_the_beginning else len(self.group.logs[partition])
        return self.group.committed.get(partition, otherwise)

    async def getmany(self, most: int) -> list[Record]:
        """What one fetch brings; nothing where there is nothing, or where its answer is lost or came too late."""
        process, held, generation = self.process, self.held, self.generation
        await process.step("fetch", FETCH_SECONDS)
        if not self._has_more():
            await self.group_bus.appended(self.fetch_seconds)
        if self.world.faults.strikes("fetch_lost"):
            return []
        found = self._answer(held, most)
        await process.step("fetched", ANSWER_SECONDS)
        if not self.active or generation != self.generation:
            return []
        return self._take(found)

    @property
    def group_bus(self) -> Bus:
        return self.world.bus

    def _has_more(self) -> bool:
        now, logs = self.world.loop.time(), self.group.logs
        return any(one.lags_until <= now and len(logs[at]) > one.position for at, one in self.held.items())

    def _answer(self, held: dict[TopicPartition, Held], most: int) -> list[tuple[TopicPartition, int, list[Record]]]:
        """What the broker says of each partition: (partition, its end, records); of some it says nothing this time."""
        now, dice, faults = self.world.loop.time(), self.world.dice, self.world.faults
        found = []
        for partition, one in held.items():
            if one.lags_until > now:
                continue
            log = self.group.logs[partition]
            if faults.chances and len(log) > one.position and faults.strikes("lag"):
                one.lags_until = now + dice.random() * LAG_SECONDS
                continue
            records = log[one.position : one.position + most] if most > 0 else []
            most -= len(records)
            found.append((partition, len(log), records))
        return found

    def _take(self, found: list[tuple[TopicPartition, int, list[Record]]]) -> list[Record]:
        """aiokafka stamps an answer when it reads it, not when the broker gave it."""
        taken: list[Record] = []
        now_ms = self.world.now_ms()
        for partition, end, records in found:
            one = self.held[partition]
            one.highwater, one.polled_ms = end, now_ms
            one.position += len(records)
            taken += records
        return taken

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        """Raises what aiokafka raises: CommitFailedError, IllegalStateError, KafkaError."""
        await self.process.step("commit_offsets", ANSWER_SECONDS)
        if not offsets.keys() <= self.held.keys():
            raise IllegalStateError("a partition that is not assigned")
        if self.world.faults.strikes("offsets_lost"):
            raise RequestTimedOutError
        self.group.commit(self, offsets)
        self.world.note(f"{self.name} has committed offsets of {len(offsets)} partitions")
        if self.world.faults.strikes("offsets_answer_lost"):
            raise RequestTimedOutError
        self.process.may_end("offsets committed")
        if self.world.faults.strikes("rebalance"):
            self.group.share_out()

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        await self.process.step("beginning_offsets", ANSWER_SECONDS)
        return dict.fromkeys(partitions, 0)

    async def committed(self, partition: TopicPartition) -> int | None:
        await self.process.step("committed", ANSWER_SECONDS)
        return self.group.committed.get(partition)

    def assignment(self) -> set[TopicPartition]:
        return set(self.held)

    def highwater(self, partition: TopicPartition) -> int | None:
        return self.held[partition].highwater

    def last_poll_timestamp(self, partition: TopicPartition) -> int | None:
        return self.held[partition].polled_ms

    @property
    def _subscription(self) -> Any:
        return SimpleNamespace(subscription=SimpleNamespace(assignment=self))  # as deep as it lies in aiokafka

    def state_value(self, partition: TopicPartition) -> Held:
        return self.held[partition]


class Sheet:
    """What `create_batch` gives."""

    def __init__(self) -> None:
        self.rows: list[tuple[bytes, bytes, Headers]] = []

    def append(self, *, key: bytes, value: bytes, timestamp: int | None, headers: Headers) -> object:
        self.rows.append((key, value, headers))
        return self


class Producer:
    """What a relay asks of an aiokafka producer. A batch on its way is on its way, whatever becomes of its sender."""

    def __init__(self, process: "Process") -> None:
        self.process, self.world = process, process.world
        self._sender = SimpleNamespace(sender_task=None)
        self._message_accumulator = SimpleNamespace(fail_all=lambda _why: None)

    async def start(self) -> None:
        await self.process.step("start_producer", ANSWER_SECONDS)

    async def flush(self) -> None:
        await self.process.step("flush", ANSWER_SECONDS)

    async def stop(self) -> None:
        await self.process.step("stop_producer", ANSWER_SECONDS)

    def create_batch(self) -> Sheet:
        return Sheet()

    async def send_batch(self, sheet: Sheet, topic: str, *, partition: int) -> asyncio.Future[None]:
        await self.process.step("send", ANSWER_SECONDS)
        acknowledged: asyncio.Future[None] = self.world.loop.create_future()
        self.world.loop.create_task(self._carry(sheet, topic, partition, acknowledged))
        return acknowledged

    async def _carry(self, sheet: Sheet, topic: str, partition: int, acknowledged: asyncio.Future[None]) -> None:
        world = self.world
        await world.pass_time(ANSWER_SECONDS)
        arrived = not world.faults.strikes("send_lost")
        if arrived:
            for key, value, headers in sheet.rows:
                world.bus.append(topic, partition, key, value, headers)
        failed = not arrived or world.faults.strikes("send_answer_lost")
        await world.pass_time(ANSWER_SECONDS)
        await self.process.thawed()
        if acknowledged.done():
            return
        if failed:
            world.note(f"{self.process.name} is told that {topic}[{partition}] failed")
            acknowledged.set_exception(RequestTimedOutError())
        else:
            acknowledged.set_result(None)
        self.process.may_end("sent")
