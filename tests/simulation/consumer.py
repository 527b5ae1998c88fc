"""A consumer as aiokafka's, and the part of it that keeps to the group."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, RequestTimedOutError

from tests.simulation.bus import ANSWER_SECONDS, HEARTBEAT_SECONDS, Group, Record

if TYPE_CHECKING:
    from tests.simulation.process import Process
    from tests.simulation.world import World

FETCH_SECONDS = 0.2
"""Between two fetches of a consumer, so that a fetch brings more than a record."""
LAG_SECONDS = 3.0


class Answer(NamedTuple):
    """What the broker says of one partition. `asked`: from where; `position`: behind records and what is none."""

    partition: TopicPartition
    asked: int
    end: int
    position: int
    records: list[Record]


@dataclass
class Held:
    """A partition as its consumer sees it; the names are aiokafka's."""

    position: int
    highwater: int | None = None
    polled_ms: int | None = None
    lags_until: float = 0.0
    paused: bool = False
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
    committed_only: bool = True
    """Whether what a publisher's transaction aborted is left out."""
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
        busy = service.consumption.watermarks.dispatching or service.busy
        if busy or self.process.dead or self.generation != self.group.generation:
            return 0
        dispatched = service.consumption.watermarks._readings
        return sum(
            partition in dispatched and dispatched[partition].next_offset == len(self.group.logs[partition])
            for partition in self.held
        )

    def given(self, numbers: Sequence[int], generation: int) -> None:
        """This is its share now, and unless it is told otherwise it reads on from what was committed."""
        mine = [partition for partition in self.group.partitions if partition.partition in numbers]
        self.held = {partition: Held(self._start_of(partition)) for partition in mine}
        self.generation, self.active = generation, True

    def _start_of(self, partition: TopicPartition) -> int:
        otherwise = 0 if self.from_the_beginning else len(self.group.logs[partition])
        return self.group.committed.get(partition, otherwise)

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int, max_records: int
    ) -> dict[TopicPartition, list[Record]]:
        """What one fetch brings of these partitions, or of all; nothing where there is nothing, or where its answer is
        lost or came too late."""
        process, held, generation = self.process, self.held, self.generation
        await process.step("fetch", FETCH_SECONDS)
        asked = {at: one for at, one in held.items() if not partitions or at in partitions}
        if not self._has_more(asked):
            await self.world.bus.appended(min(self.fetch_seconds, timeout_ms / 1000))
        if self.world.faults.strikes("fetch_lost"):
            return {}
        found = self._answer(asked, max_records)
        await process.step("fetched", ANSWER_SECONDS)
        if not self.active or generation != self.generation:
            return {}
        return self._take(found)

    def _has_more(self, asked: dict[TopicPartition, Held]) -> bool:
        now, logs = self.world.loop.time(), self.group.logs
        here = ((at, one) for at, one in asked.items() if not one.paused)
        return any(one.lags_until <= now and len(logs[at]) > one.position for at, one in here)

    def _answer(self, held: dict[TopicPartition, Held], most: int) -> list["Answer"]:
        """What the broker says of each partition; of some it says nothing this time."""
        now, dice, faults = self.world.loop.time(), self.world.dice, self.world.faults
        found = []
        for partition, one in held.items():
            if one.lags_until > now or one.paused:
                continue
            log = self.group.logs[partition]
            if faults.chances and len(log) > one.position and faults.strikes("lag"):
                one.lags_until = now + dice.random() * LAG_SECONDS
                continue
            passed = log[one.position : one.position + most] if most > 0 else []
            most -= len(passed)
            records = [record for record in passed if self._gives_out(partition, record.offset)]
            found.append(Answer(partition, one.position, len(log), one.position + len(passed), records))
        return found

    def _gives_out(self, partition: TopicPartition, offset: int) -> bool:
        strange = self.world.bus.strange[partition].get(offset)
        return strange not in (("marker", "aborted") if self.committed_only else ("marker",))

    def _take(self, found: list["Answer"]) -> dict[TopicPartition, list[Record]]:
        """aiokafka stamps an answer when it reads it, not when the broker gave it; one to what it would not ask any
        more it throws away."""
        taken: dict[TopicPartition, list[Record]] = {}
        now_ms = self.world.now_ms()
        for answer in found:
            one = self.held[answer.partition]
            if one.paused or one.position != answer.asked:
                continue
            one.highwater, one.polled_ms, one.position = answer.end, now_ms, answer.position
            if answer.records:
                taken[answer.partition] = answer.records
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
            self.group.divide()

    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        await self.process.step("beginning_offsets", ANSWER_SECONDS)
        return dict.fromkeys(partitions, 0)

    async def committed(self, partition: TopicPartition) -> int | None:
        await self.process.step("committed", ANSWER_SECONDS)
        return self.group.committed.get(partition)

    async def stamps_at(self, places: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """The timestamp of the record at each of these places where there is one."""
        await self.process.step("landmarks", ANSWER_SECONDS)
        logs = self.group.logs
        return {at: logs[at][offset].timestamp for at, offset in places.items() if offset < len(logs[at])}

    def pause(self, *partitions: TopicPartition) -> None:
        for partition in partitions:
            self.held[partition].paused = True

    def resume(self, *partitions: TopicPartition) -> None:
        for partition in partitions:
            self.held[partition].paused = False

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.held[partition].position = offset

    def assignment(self) -> set[TopicPartition]:
        return set(self.held)

    def highwater(self, partition: TopicPartition) -> int | None:
        return self.held[partition].highwater

    def last_stable_offset(self, partition: TopicPartition) -> int | None:
        return self.held[partition].highwater

    def last_poll_timestamp(self, partition: TopicPartition) -> int | None:
        return self.held[partition].polled_ms

    @property
    def _subscription(self) -> Any:
        return SimpleNamespace(subscription=SimpleNamespace(assignment=self))  # as deep as it lies in aiokafka

    def state_value(self, partition: TopicPartition) -> Held:
        return self.held[partition]
