"""A bus in memory, as a service that looks for its own words on it finds it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition

from chassis.ids import partition_of
from chassis.store.heard import AT_ONCE, Span, own_word
from schemas.envelope import HEADERS, Envelope, read
from schemas.folding import standing
from schemas.topic import PARTITIONS
from schemas.topics import topic_named
from tests.chassis.engine_fixture import SERVICE
from tests.chassis.toy import hour

EVENTS, REJECTIONS = f"{SERVICE}.events.v1", f"{SERVICE}.rejections.v1"


@dataclass
class Bus:
    """What was published, and how far the group has read; read as `chassis.store.heard.Heard` reads a real one."""

    records: list[tuple[str, str, bytes]] = field(default_factory=list)
    group: Mapping[TopicPartition, int] = field(default_factory=dict)
    looks: int = 0
    meanwhile: Callable[[], Awaitable[Any]] | None = None
    """What another process does before the group's offsets are answered."""

    def heard(self, *_: object) -> Any:
        return _Heard(self)

    def log(self, partition: TopicPartition) -> list[bytes]:
        topic, number = partition
        return [value for of, key, value in self.records if of == topic and partition_of(key, PARTITIONS) == number]

    def says(self) -> dict[Any, Envelope]:
        """What stands for whoever has read all of it."""
        return standing(read(value, HEADERS) for topic, _, value in self.records if topic == EVENTS)


class _Heard:
    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def __aenter__(self) -> "_Heard":
        self._bus.looks += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing was opened."""

    async def ends(self) -> Mapping[TopicPartition, int]:
        every = [TopicPartition(topic, n) for topic in (EVENTS, REJECTIONS) for n in range(PARTITIONS)]
        return {partition: end for partition in every if (end := len(self._bus.log(partition)))}

    async def before(self, end: Mapping[TopicPartition, int], at_most: int = AT_ONCE) -> Mapping[TopicPartition, Span]:
        return {at: self._span(at, max(0, offset - at_most), offset) for at, offset in end.items() if offset}

    def _span(self, partition: TopicPartition, begins: int, end: int) -> Span:
        values = self._bus.log(partition)[begins:end]
        words = [own_word(SERVICE, topic_named(partition.topic), value, HEADERS) for value in values]
        return Span(begins, [word for word in words if word is not None], hour(0))

    async def committed(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        if self._bus.meanwhile is not None:
            await self._bus.meanwhile()
        return {partition: self._bus.group[partition] for partition in partitions if partition in self._bus.group}
