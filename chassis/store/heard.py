"""What the bus has of a service's own words: the last of each partition, or all of them from the end backwards.

Whoever else writes to these topics is not us: a record counts only under our own `source`, with a type of its topic.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from chassis.bus_access import BusAccess, options_of
from chassis.clock import Timeline
from chassis.consume.landmarks import end_consumer
from chassis.consume.unpacking import pass_over_unreadable
from chassis.consume.watermarks import arrival
from chassis.ids import partition_of
from chassis.store.settling import named
from schemas.envelope import Envelope, Invalid, Unreadable, is_structured, read, validate
from schemas.events.rejections import ReportRejected
from schemas.topic import Topic
from schemas.topics import published_by

AT_ONCE = 1_000
"""Records of one partition that are in memory at a time."""
ANSWER_SECONDS = 30.0
"""How long the bus has to bring so many."""
_FETCH_MS = 50


class Word(NamedTuple):
    """An event of ours as the bus has it. `thing`: what it has the last word on; None for an answer to a report."""

    key: str
    type: str
    thing: str | None
    sequence: int
    partition: int
    message: bytes


class Span(NamedTuple):
    """A stretch of a partition: where it begins, our words in it in order, and when its first record came."""

    begins: int
    words: Sequence[Word]
    received_at: datetime | None


class Heard:
    """Reads the topics of a service as anybody might, in no group. Raises aiokafka's errors, and TimeoutError."""

    def __init__(self, service: str, bus: BusAccess | str, timeline: Timeline) -> None:
        self._service, self._bus, self._timeline = service, bus, timeline
        self._topics = {topic.name: topic for topic in published_by(service)}
        self._partitions = [TopicPartition(one.name, n) for one in self._topics.values() for n in range(one.partitions)]
        self._consumer: Any = None

    async def __aenter__(self) -> "Heard":
        self._consumer = AIOKafkaConsumer(
            **options_of(self._bus),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=_FETCH_MS,
        )
        try:
            await self._consumer.start()
        except BaseException:
            await end_consumer(self._consumer)
            raise
        pass_over_unreadable(self._consumer)
        return self

    async def __aexit__(
        self, aggregate: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await end_consumer(self._consumer)

    async def ends(self) -> Mapping[TopicPartition, int]:
        """Where each partition that has any records ends, but for what an open transaction holds back.

        A fetch says it: ListOffsets, which `end_offsets` asks, answers too low on the embedded bus.
        """
        consumer, every = self._consumer, self._partitions
        consumer.assign(every)
        for partition, offset in (await consumer.end_offsets(every)).items():
            consumer.seek(partition, offset)
        async with asyncio.timeout(ANSWER_SECONDS):
            while any(consumer.highwater(partition) is None for partition in every):
                await consumer.getmany(timeout_ms=_FETCH_MS)
        return {partition: end for partition in every if (end := self._end(partition))}

    def _end(self, partition: TopicPartition) -> int:
        end, stable = int(self._consumer.highwater(partition)), self._consumer.last_stable_offset(partition)
        return end if stable is None or stable < 0 else min(end, int(stable))

    async def before(self, end: Mapping[TopicPartition, int], at_most: int = AT_ONCE) -> Mapping[TopicPartition, Span]:
        """Of each partition the stretch that lies before an offset; none where nothing does."""
        consumer = self._consumer
        beginnings = await consumer.beginning_offsets(list(end)) if end else {}
        begins = {
            one: max(beginnings[one], offset - at_most) for one, offset in end.items() if beginnings[one] < offset
        }
        if not begins:
            return {}
        consumer.assign(list(begins))
        for partition, offset in begins.items():
            consumer.seek(partition, offset)
        found: dict[TopicPartition, list[ConsumerRecord[Any, Any]]] = {}
        async with asyncio.timeout(ANSWER_SECONDS):
            for partition in begins:
                found[partition] = await self._up_to(partition, end[partition])
        return {partition: self._span(offset, found[partition]) for partition, offset in begins.items()}

    async def _up_to(self, partition: TopicPartition, end: int) -> list[ConsumerRecord[Any, Any]]:
        """What lies before an offset; of what nobody can unpack the record that stands for it, which is no word."""
        found: list[ConsumerRecord[Any, Any]] = []
        while await self._consumer.position(partition) < end:
            records = (await self._consumer.getmany(partition, timeout_ms=_FETCH_MS)).get(partition, ())
            found += (record for record in records if record.offset < end)
        return found

    async def committed(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """How far the service's group has read, where it has committed anything."""
        group = AIOKafkaConsumer(
            **options_of(self._bus),
            group_id=self._service,
            enable_auto_commit=False,
            isolation_level="read_committed",
        )
        asked = list(partitions)
        try:
            await group.start()
            async with asyncio.timeout(ANSWER_SECONDS):
                answers = await asyncio.gather(*(group.committed(partition) for partition in asked))
        finally:
            await end_consumer(group)
        return {partition: at for partition, at in zip(asked, answers, strict=True) if at is not None}

    def _span(self, begins: int, records: Sequence[ConsumerRecord[Any, Any]]) -> Span:
        words = [word for record in records if (word := self._word(record)) is not None]
        received_at = self._timeline.at(arrival(records[0].timestamp)) if records else None
        return Span(begins, words, received_at)

    def _word(self, record: ConsumerRecord[Any, Any]) -> Word | None:
        return own_word(self._service, self._topics[record.topic], record.value, record.headers)


def own_word(service: str, topic: Topic, value: bytes | None, headers: Any) -> Word | None:
    """What a record says in this service's name; None for anything else, whatever the bytes.

    We say everything in structured mode and as its schema has it. Who else writes here under our name may not, and what
    could not be said again must not be kept to be settled.
    """
    try:
        envelope = read(value, headers)
    except Unreadable:
        return None
    ours = is_structured(headers) and envelope.source == f"/services/{service}"
    if not ours or envelope.sequence is None or not _is_emitted_on(topic, envelope):
        return None
    about = (
        None if envelope.type == ReportRejected.type_name() else named(envelope.type, envelope.subject, envelope.data)
    )
    partition = partition_of(envelope.subject, topic.partitions)
    return Word(envelope.subject, envelope.type, about, envelope.sequence, partition, value or b"")


def _is_emitted_on(topic: Topic, envelope: Envelope) -> bool:
    """Whether it is an event of the topic, and one that anybody can read."""
    model = next((one for one in topic.messages if one.type_name() == envelope.type), None)
    if model is None:
        return False
    try:
        validate(model, envelope.data)
    except Invalid:
        return False
    return True
