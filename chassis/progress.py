"""How far a consumer has read: what ticks wait for, and what health and quiet are judged by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition

from chassis.clock import Timeline

NEVER = datetime(1, 1, 2, tzinfo=UTC)
"""Nothing has been read at all."""


@dataclass(slots=True)
class _Reading:
    """One partition of one topic: the offset after the last record handed on, and that record's real time."""

    next_offset: int | None = None
    last_real: datetime | None = None
    seen_still: tuple[int, int | None] | None = None


class Progress:
    """The partitions that this process has been given, and how far each has been handed on to the lanes."""

    def __init__(self, timeline: Timeline, margin: timedelta) -> None:
        self.timeline = timeline
        self.margin = margin
        self.generation = 0
        self.handing_on = False
        self._readings: dict[TopicPartition, _Reading] = {}

    def assigned(self, partitions: Iterable[TopicPartition]) -> None:
        """A new assignment: whatever was read ahead under the old one is void."""
        self.generation += 1
        self._readings = {partition: _Reading() for partition in partitions}

    def revoked(self) -> None:
        """The group is being shared out anew."""
        self.assigned(())

    @property
    def partitions(self) -> Sequence[int]:
        """The partition numbers that this process judges, the same for all its topics."""
        return sorted({partition.partition for partition in self._readings})

    def handed_on(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        """These records are in the lanes' queues now."""
        for record in records:
            reading = self._readings.get(TopicPartition(record.topic, record.partition))
            if reading is not None:
                reading.next_offset = record.offset + 1
                reading.last_real = from_milliseconds(record.timestamp)

    def read_to(self, consumer: Any) -> Mapping[int, datetime]:
        """For each partition number, the instant up to which all its topics have been handed on."""
        instants: dict[int, datetime] = {}
        for partition in self._readings:
            real = self._real(consumer, partition)
            instant = NEVER if real is None else self.timeline.at(real)
            known = instants.get(partition.partition)
            instants[partition.partition] = instant if known is None else min(known, instant)
        return instants

    def caught_up_since(self, consumer: Any, real: datetime) -> bool:
        """Whether every partition has been seen empty by a fetch that was answered after `real`."""
        if not self._readings:
            return False
        return all(
            (polled := self._polled_empty(consumer, partition)) is not None and polled >= real
            for partition in self._readings
        )

    def behind(self, consumer: Any) -> int:
        """Records on the bus that have not been handed on, as far as the last fetches know."""
        waiting = 0
        for partition, reading in self._readings.items():
            end = consumer.highwater(partition) if partition in consumer.assignment() else None
            if end is not None and reading.next_offset is not None:
                waiting += max(0, end - reading.next_offset)
        return waiting

    def _real(self, consumer: Any, partition: TopicPartition) -> datetime | None:
        polled = self._polled_empty(consumer, partition)
        if polled is not None:
            return polled - self.margin
        return self._readings[partition].last_real

    def _polled_empty(self, consumer: Any, partition: TopicPartition) -> datetime | None:
        """When a fetch last showed that nothing is left to hand on; None while something is."""
        if partition not in consumer.assignment():
            return None
        end, polled_ms = consumer.highwater(partition), consumer.last_poll_timestamp(partition)
        if end is None or polled_ms is None:
            return None
        reading = self._readings[partition]
        if reading.next_offset is None or reading.next_offset < end:
            if not self._stands_still(consumer, partition, reading, end):
                return None
        return from_milliseconds(polled_ms)

    def _stands_still(self, consumer: Any, partition: TopicPartition, reading: _Reading, end: int) -> bool:
        """Offsets without a record (a transaction's marker, what retention took): passed, though never handed on.

        A record on its way from the consumer to the lanes looks the same for a moment, so it takes two looks.
        """
        state = consumer._subscription.subscription.assignment.state_value(partition)  # `position()` is a coroutine
        if not state.has_valid_position or state.position < end or self.handing_on:
            reading.seen_still = None
            return False
        look = (state.position, reading.next_offset)
        stood, reading.seen_still = reading.seen_still == look, look
        return stood


def from_milliseconds(timestamp: int) -> datetime:
    """The instant of a Kafka timestamp, which counts milliseconds since 1970 in UTC."""
    return datetime.fromtimestamp(timestamp / 1000, UTC)
