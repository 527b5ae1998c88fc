"""Topics read in step: of what waits in a partition number, the record that came first goes first, whatever its topic.

A consumer brings one topic after the other, and after an outage one may be days ahead of another. So a record is held
back while another topic of its partition number may hold an earlier one: until that has brought something, is read to
its end, or has been waited for long enough. Knows neither a bus nor a clock.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from heapq import heapify, heapreplace
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition

RECORD_OVERHEAD_BYTES = 1_000
"""What a record weighs in this process beside its value."""

Fetched = ConsumerRecord[Any, Any]
AtEnd = Callable[[TopicPartition], bool]
"""Whether nothing is left on the bus of a partition that was not added, as far as is known."""


class _Number:
    """One partition number in all its topics."""

    def __init__(self, partitions: Iterable[TopicPartition]) -> None:
        self.empty: set[TopicPartition] = set(partitions)
        """Those of which nothing is held."""
        self.queues: dict[TopicPartition, deque[Fetched]] = {}
        """Those of which something is held: never an empty queue."""
        self.passed_over: set[TopicPartition] = set()
        """Those that were waited for in vain, until they are heard of again."""
        self.missing: Sequence[TopicPartition] = ()
        self._waits_since: float | None = None

    def add(self, partition: TopicPartition, records: Iterable[Fetched]) -> None:
        self.queues.setdefault(partition, deque()).extend(records)
        self.empty.discard(partition)
        self.passed_over.discard(partition)

    def take(self, taken: list[Fetched], at_most: int, at_end: AtEnd, now: float, patience: float) -> None:
        """Appends what may go, until there are `at_most`."""
        while self.queues and len(taken) < at_most:
            self.missing = [] if not self.empty else self._missing(at_end)
            if self.missing and not self._gives_up(now, patience):
                return
            self._waits_since = None
            self._take_until_one_is_empty(taken, at_most)
        self.missing = ()

    def _missing(self, at_end: AtEnd) -> Sequence[TopicPartition]:
        """Those that may hold an earlier record than all that are held."""
        missing = []
        for partition in self.empty:
            if at_end(partition):
                self.passed_over.discard(partition)
            elif partition not in self.passed_over:
                missing.append(partition)
        return missing

    def _gives_up(self, now: float, patience: float) -> bool:
        if self._waits_since is None:
            self._waits_since = now
        if now - self._waits_since < patience:
            return False
        self.passed_over.update(self.missing)
        return True

    def _take_until_one_is_empty(self, taken: list[Fetched], at_most: int) -> None:
        """Always what came first, of the queues that there are."""
        heads = [(queue[0].timestamp, partition) for partition, queue in self.queues.items()]
        heapify(heads)
        while len(taken) < at_most:
            first = heads[0][1]
            queue = self.queues[first]
            if len(heads) == 1:
                _move(queue, at_most - len(taken), taken)
            else:
                taken.append(queue.popleft())
                until = min(heads[1:3])
                while queue and (queue[0].timestamp, first) <= until and len(taken) < at_most:
                    taken.append(queue.popleft())
            if not queue:
                del self.queues[first]
                self.empty.add(first)
                return
            heapreplace(heads, (queue[0].timestamp, first))


class InStep:
    """What a consumer has given out and was not handed on, of the partitions of one assignment."""

    def __init__(self, patience: float) -> None:
        """`patience`: for how many seconds a partition is waited for that is not known to be read to its end."""
        self._patience = patience
        self._numbers: dict[int, _Number] = {}
        self._turn = 0
        self.held_bytes = 0

    def begin(self, partitions: Collection[TopicPartition]) -> None:
        """These partitions and no others; whatever was held is forgotten."""
        by_number: dict[int, list[TopicPartition]] = {}
        for partition in partitions:
            by_number.setdefault(partition.partition, []).append(partition)
        self._numbers = {number: _Number(those) for number, those in sorted(by_number.items())}
        self.held_bytes = 0

    def add(self, partition: TopicPartition, records: Sequence[Fetched]) -> None:
        """What follows in a partition on what was added of it before: one record at least."""
        self._numbers[partition.partition].add(partition, records)
        self.held_bytes += _bytes(records)

    def take(self, at_most: int, at_end: AtEnd, now: float) -> list[Fetched]:
        """What may be handed on, in order within each partition number. `now`: in seconds, of a clock that goes on."""
        taken: list[Fetched] = []
        numbers = list(self._numbers.values())
        self._turn += 1  # another one each time: a number with more than `at_most` keeps none of the others waiting
        for place in range(len(numbers)):
            numbers[(self._turn + place) % len(numbers)].take(taken, at_most, at_end, now, self._patience)
        self.held_bytes -= _bytes(taken)
        return taken

    @property
    def holds_any(self) -> bool:
        """Whether anything is held back."""
        return any(number.queues for number in self._numbers.values())

    def holds(self, partition: TopicPartition) -> bool:
        """Whether something of a partition is held back."""
        number = self._numbers.get(partition.partition)
        return number is not None and partition in number.queues

    @property
    def empty(self) -> Sequence[TopicPartition]:
        """The partitions that may be asked for more: nothing of them is held."""
        return [partition for number in self._numbers.values() for partition in number.empty]

    @property
    def missing(self) -> Sequence[TopicPartition]:
        """The partitions for which others waited when something was last taken."""
        return [partition for number in self._numbers.values() for partition in number.missing]


def _move(queue: deque[Fetched], at_most: int, taken: list[Fetched]) -> None:
    if len(queue) <= at_most:
        taken += queue
        queue.clear()
    else:
        taken += [queue.popleft() for _ in range(at_most)]


def _bytes(records: Sequence[Fetched]) -> int:
    return sum([len(record.value or b"") for record in records]) + RECORD_OVERHEAD_BYTES * len(records)
