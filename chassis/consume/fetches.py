"""What to ask the consumer for next, so that a partition number's topics are handed on in step.

aiokafka fetches a partition again once what it has fetched of it is taken. So a topic that is ahead is not taken from,
and is fetched no further, while the one behind is: a bound that the one ahead fills cannot keep the other from coming.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Protocol

from aiokafka import ConsumerRecord, TopicPartition

from chassis.clock import monotonic
from chassis.consume.in_step import InStep
from chassis.consume.watermarks import Watermarks

Records = Sequence[ConsumerRecord[Any, Any]]

PATIENCE_SECONDS = 2.0
"""So long a partition number waits for a topic of its own that has records on the bus, or has never been heard of: its
broker may be gone. One that is read to its end is not waited for."""
LOOK_COUNTS_SECONDS = 0.1
"""No more of the time between two looks counts as waiting: while this process judges, or its machine does something
else, nobody fetches."""
LOOK_MS = 20
"""How often it is looked whether that topic has been read to its end: the consumer tells nobody."""
HELD_BYTES = 8 * 1024 * 1024
"""Records held back. Beyond that few are taken at a time, and only of partitions of which none is held."""
FEW = 200


class Consumer(Protocol):
    """What brings records."""

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int, max_records: int
    ) -> Mapping[TopicPartition, Records]:
        """What was fetched of these partitions, or of all; waits for something, for so long. Raises KafkaError."""


class Fetches:
    """One fetch after the other, in step."""

    def __init__(self, watermarks: Watermarks, most: int) -> None:
        """`most`: so many records are given out at a time."""
        self._watermarks, self._most = watermarks, most
        self._in_step = InStep(PATIENCE_SECONDS)
        self._generation = -1
        self._waited, self._looked = 0.0, monotonic()
        self._more = False
        """Whether more might have been given out than was asked for."""
        watermarks.holds = self._in_step.holds

    async def next(self, consumer: Consumer, longest_ms: int) -> Records:
        """Some records, in the order in which they are to be judged; none after a while without any.

        Raises KafkaError.
        """
        self._keep_to_the_assignment()
        brought = await self._ask(consumer, longest_ms)
        if not self._watermarks.known.is_set():
            return list(chain.from_iterable(brought.values()))  # whoever takes them waits until it is known
        self._keep_to_the_assignment()
        for partition, records in brought.items():
            if self._watermarks.current(records[-1:]):  # which all the others came before
                self._in_step.add(partition, records)
        taken = self._in_step.take(self._most, self._watermarks.is_at_end, self._now())
        self._more = len(taken) >= self._most
        return taken

    def _keep_to_the_assignment(self) -> None:
        """What is held of one that is over is fetched again, here or elsewhere."""
        if self._generation != self._watermarks.generation:
            self._generation = self._watermarks.generation
            self._in_step.begin(self._watermarks.assignment)

    def _now(self) -> float:
        """Seconds of a clock that goes on while it is looked for records."""
        before, self._looked = self._looked, monotonic()
        self._waited += min(self._looked - before, LOOK_COUNTS_SECONDS)
        return self._waited

    async def _ask(self, consumer: Consumer, longest_ms: int) -> Mapping[TopicPartition, Records]:
        in_step, most = self._in_step, self._most
        if not in_step.holds_any:
            return await consumer.getmany(timeout_ms=longest_ms, max_records=most)
        at_most = most if in_step.held_bytes < HELD_BYTES else min(FEW, most)
        if in_step.missing:  # before others use up what may be taken at a time
            brought = await consumer.getmany(*in_step.missing, timeout_ms=0, max_records=at_most)
            if brought:
                return brought
        if not in_step.empty:  # nothing may be asked for before some of it is handed on
            return {}
        return await consumer.getmany(*in_step.empty, timeout_ms=0 if self._more else LOOK_MS, max_records=at_most)
