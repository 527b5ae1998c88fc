"""How far a consumer has read: what ticks wait for, and what health and quiet are judged by."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition

from chassis.clock import Timeline, real_now
from chassis.consume.consumer import Consumer, HasConsumer
from chassis.consume.library_internals import position_of
from chassis.consume.reader import Record

NEVER = datetime(1, 1, 2, tzinfo=UTC)
"""Nothing has been read at all."""
_A_MOMENT = timedelta(microseconds=1)


@dataclass(slots=True)
class _Reading:
    """One partition of one topic: the offset after the last record handed on, and that record's real time."""

    next_offset: int
    last_real: datetime | None = None
    polls: tuple[int | None, int | None] = (None, None)
    """When the last two answers were read, as far as anybody looked; the later fetch was sent after the earlier."""
    seen_still: tuple[int, int, int] | None = None
    handed_to: int = 0
    """The offset after the last record handed on; `next_offset` may lie behind offsets that hold none."""


class Watermarks:
    """The partitions that this process has been given, and how far each has been handed on to the workers."""

    def __init__(self, timeline: Timeline, margin: timedelta, holder: HasConsumer) -> None:
        self.timeline = timeline
        self.margin = margin
        self._holder = holder
        self.generation = 0
        self._dispatching = False
        self._listening_since_ms = 0
        self.known = asyncio.Event()
        """Set while it is known where each partition begins; before that no record may be handed on."""
        self._readings: dict[TopicPartition, _Reading] = {}
        self.holds: Callable[[TopicPartition], bool] = lambda _partition: False
        """Whether records of a partition, given out by the consumer, are held back and not handed on yet."""

    def assigned(self, beginnings: Mapping[TopicPartition, int]) -> None:
        """A new assignment, each partition from an offset on: whatever was read ahead under the old one is void."""
        self.generation += 1
        self._readings = {partition: _Reading(offset, handed_to=offset) for partition, offset in beginnings.items()}
        self._listening_since_ms = _now_ms()
        self.known.set()

    def revoked(self) -> None:
        """The group is being shared out anew."""
        self.known.clear()
        self.generation += 1
        self._readings = {}

    async def is_known(self) -> bool:
        """Whether it was known where the partitions begin when this was asked; returns when it is.

        What was fetched before is void: the consumer is set to where they begin, and brings it again.
        """
        known = self.known.is_set()
        await self.known.wait()
        return known

    @property
    def dispatching(self) -> bool:
        """Whether a fetch is on its way to the workers; until it is there, the bus is asked for no more."""
        return self._dispatching

    @dispatching.setter
    def dispatching(self, is_on_its_way: bool) -> None:
        self._dispatching = is_on_its_way
        self._listening_since_ms = _now_ms()

    @property
    def _consumer(self) -> Consumer | None:
        return self._holder.consumer

    @property
    def partitions(self) -> Sequence[int]:
        """The partition numbers that this process judges, the same for all its topics."""
        return sorted({partition.partition for partition in self._readings})

    @property
    def assignment(self) -> Collection[TopicPartition]:
        """The partitions of which it is known where they begin."""
        return self._readings.keys()

    def is_at_end(self, partition: TopicPartition) -> bool:
        """Whether the consumer has given out all that the last fetch knew of; False before the first."""
        if not self._is_assigned(partition):
            return False
        end = self._end(partition)
        return end is not None and self._position(partition) >= end

    def current(self, records: Sequence[ConsumerRecord[Any, Any]]) -> Sequence[ConsumerRecord[Any, Any]]:
        """Those that were fetched under the present assignment; the others are fetched again, here or elsewhere."""
        lasts = _lasts(records)
        held = {
            partition
            for partition, last in lasts.items()
            if partition in self._readings and self._position(partition) > last.offset
        }
        if len(held) == len(lasts):
            return records
        return [record for record in records if TopicPartition(record.topic, record.partition) in held]

    def gaps(self, records: Sequence[ConsumerRecord[Any, Any]]) -> Mapping[TopicPartition, int]:
        """Partitions in which these records do not follow on what was handed on, and the offset that would."""
        return {
            partition: reading.next_offset
            for partition, first in _lasts(reversed(records)).items()
            if (reading := self._readings[partition]).next_offset < first.offset
        }

    def set_back(self, records: Sequence[ConsumerRecord[Any, Any]]) -> Mapping[TopicPartition, tuple[int, int]]:
        """Partitions in which these records begin before what has been handed on: (their offset, the one expected)."""
        return {
            partition: (first.offset, reading.handed_to)
            for partition, first in _lasts(reversed(records)).items()
            if (reading := self._readings[partition]).handed_to > first.offset
        }

    def dispatched(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        """These records are in the workers' queues now."""
        for partition, record in _lasts(records).items():
            reading = self._readings[partition]
            reading.next_offset = reading.handed_to = record.offset + 1
            reading.last_real = arrival(record.timestamp)

    def watermark(self) -> Mapping[int, datetime]:
        """For each partition number, the instant up to which all its topics have been handed on."""
        instants: dict[int, datetime] = {}
        for partition in self._readings:
            instant = self._watermark(partition)
            instants[partition.partition] = min(instant, instants.get(partition.partition, instant))
        return instants

    def between_fetches(self) -> tuple[Mapping[int, datetime], int]:
        """The watermark and the generation that it holds for; nothing while a fetch is on its way to the workers."""
        return {} if self.dispatching else self.watermark(), self.generation

    def caught_up_since(self, real: datetime) -> bool:
        """Whether every partition has been seen empty by a fetch that was answered after `real`."""
        return bool(self._readings) and all(
            (polled := self._polled_empty(partition)) is not None and polled >= real for partition in self._readings
        )

    def behind(self) -> int:
        """Records on the bus that have not been handed on, as far as the last fetches know.

        Before they are read nobody can tell how many of the offsets in between hold a record: each counts as one until
        it has been passed.
        """
        return sum((self._end(partition) or 0) - offset for partition, offset in self.waiting().items())

    def waiting(self) -> Mapping[TopicPartition, int]:
        """For each partition that is behind, the offset of the next record to be handed on."""
        waiting = {}
        for partition, reading in self._readings.items():
            self._polled_empty(partition)  # which passes offsets without records
            if self._is_assigned(partition) and (self._end(partition) or 0) > reading.next_offset:
                waiting[partition] = reading.next_offset
        return waiting

    def readings(self) -> Iterator[tuple[tuple[str, int], int, datetime | None]]:
        """Topic and partition, how many records it is behind, and when the last one that was handed on came."""
        waiting = self.waiting()
        for partition, reading in self._readings.items():
            behind = (self._end(partition) or 0) - waiting[partition] if partition in waiting else 0
            yield (partition.topic, partition.partition), behind, reading.last_real

    def fetched(self) -> int | None:
        """When a fetch of any partition was last answered, in milliseconds since 1970; None while none was."""
        held = (partition for partition in self._readings if self._is_assigned(partition))
        return max((polled for partition in held if (polled := self._last_poll_ms(partition))), default=None)

    def unanswered_seconds(self) -> float:
        """For how long the bus has answered no fetch although it was asked; 0 while it need not be asked."""
        if not self._readings or self._dispatching:
            return 0.0
        return max(0, _now_ms() - max(self.fetched() or 0, self._listening_since_ms)) / 1000

    def _watermark(self, partition: TopicPartition) -> datetime:
        reading, instant = self._readings[partition], NEVER
        if reading.last_real is not None:  # others may have come at the very same instant, and not be read
            instant = self.timeline.at(reading.last_real) - _A_MOMENT
        if self._polled_empty(partition) is not None and reading.polls[0] is not None:
            # An answer may have lain about before it was read. What it says held when its fetch was sent: not before
            # the answer to the fetch before it was read.
            instant = max(instant, self.timeline.at(from_milliseconds(reading.polls[0]) - self.margin))
        return instant

    def _polled_empty(self, partition: TopicPartition) -> datetime | None:
        """When a fetch last showed that nothing is left to hand on; None while something is."""
        if not self._is_assigned(partition):
            return None
        end, polled_ms = self._end(partition), self._last_poll_ms(partition)
        reading = self._readings[partition]
        if polled_ms != reading.polls[1]:
            reading.polls = reading.polls[1], polled_ms
        if end is None or polled_ms is None or self._position(partition) < end:
            return None
        if reading.next_offset < end and not self._stands_still(partition, reading, polled_ms):
            return None
        return from_milliseconds(polled_ms)

    def _stands_still(self, partition: TopicPartition, reading: _Reading, polled_ms: int) -> bool:
        """Offsets without a record (a transaction's marker, what it aborted, what compaction took): passed, though
        never handed on.

        A record on its way from the consumer to the workers looks the same for a moment, so it takes another fetch.
        """
        if self.dispatching or self.holds(partition):
            reading.seen_still = None
            return False
        position = self._position(partition)
        seen = reading.seen_still
        if seen is None or seen[:2] != (position, reading.next_offset):
            seen = reading.seen_still = (position, reading.next_offset, polled_ms)
        if polled_ms <= seen[2]:
            return False
        reading.next_offset = position
        return True

    def _is_assigned(self, partition: TopicPartition) -> bool:
        consumer = self._consumer
        return consumer is not None and partition in consumer.assignment()

    def _end(self, partition: TopicPartition) -> int | None:
        """The offset up to which there are records for us, as the last fetch said; None before there was one.

        It is the last stable offset: what lies behind it belongs to transactions that are still open. A bus that knows
        of no transactions may say nothing of it.
        """
        consumer = self._consumer
        if consumer is None:
            return None
        stable = consumer.last_stable_offset(partition)
        return consumer.highwater(partition) if stable is None or stable < 0 else stable

    def _last_poll_ms(self, partition: TopicPartition) -> int | None:
        consumer = self._consumer
        return None if consumer is None else consumer.last_poll_timestamp(partition)

    def _position(self, partition: TopicPartition) -> int:
        """The offset after the last record that the consumer has given out, -1 while it has none."""
        consumer = self._consumer
        if consumer is None or partition not in consumer.assignment():
            return -1
        return position_of(consumer, partition)


def _lasts(records: Iterable[ConsumerRecord[Any, Any]]) -> Mapping[TopicPartition, ConsumerRecord[Any, Any]]:
    """The last record of each partition, in the order given."""
    ends = {(record.topic, record.partition): record for record in records}
    return {TopicPartition(*place): record for place, record in ends.items()}


def ends(records: Iterable[Record]) -> Mapping[TopicPartition, int]:
    """The offset after the last of these in each partition; what was parked before has no offset any more."""
    after: dict[tuple[str, int], int] = {}
    for record in records:
        if record.parked_id is None:
            place = record.topic, record.partition
            after[place] = max(after.get(place, 0), record.offset + 1)
    return {TopicPartition(*place): offset for place, offset in after.items()}


def from_milliseconds(timestamp: int) -> datetime:
    """The instant of a Kafka timestamp, which counts milliseconds since 1970 in UTC."""
    return datetime.fromtimestamp(timestamp / 1000, UTC)


def _now_ms() -> int:
    return int(real_now().timestamp() * 1000)


def arrival(timestamp: int) -> datetime:
    """When a record came, by its timestamp; now where that lies ahead or is none: producers may write anything."""
    now = real_now()
    if not 0 <= timestamp < now.timestamp() * 1000:
        return now
    return from_milliseconds(timestamp)
