"""Whose turn it is in a worker: records as they came, but of one case no more than its share at a time.

What is beyond its share is held back while other cases go on, and so is all that comes of that case after it: a case is
judged in one order. What is held back is bounded; beyond that everybody waits, and the consumer is held back in turn.
"""

from bisect import insort
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from chassis.consume.in_step import RECORD_OVERHEAD_BYTES
from chassis.consume.reader import Record, Wake
from chassis.store.engine import Batch

HELD_BYTES = 16 * 1024 * 1024
"""Records held back in a worker: some 8,000. Then no other case's are taken before some of these have been judged."""
FEWEST, FIRST, MOST = 20, 50, 500
"""Records of one case in a batch, where it has more than that: few while they take long, many while they do not, since
a case with thousands of facts costs as much to load and store for one record as for hundreds. `FIRST` to begin with."""
SHARE_SECONDS = 0.25
"""A batch in which some case has its whole share should take about so long: others wait for it."""

Key = bytes | None


@dataclass(slots=True)
class Chunk:
    """What came in one fetch for one worker, or one look at the clock; `watermark` holds once it has been judged."""

    records: Sequence[Record]
    wakes: Sequence[Wake]
    watermark: Mapping[int, datetime]
    generation: int

    @property
    def bytes(self) -> int:
        return _bytes(self.records)


@dataclass(slots=True)
class Held:
    """What waits of one case: records in the order in which they came, and what would wake it once they are judged."""

    records: list[Record] = field(default_factory=list)
    wakes: list[Wake] = field(default_factory=list)


@dataclass(slots=True)
class Turn:
    """What is judged next. `crowded`: some case has as much of it as it may."""

    records: list[Record] = field(default_factory=list)
    wakes: list[Wake] = field(default_factory=list)
    watermark: dict[int, datetime] = field(default_factory=dict)
    taken: dict[Key, int] = field(default_factory=dict)
    crowded: bool = False

    @property
    def size(self) -> int:
        return len(self.records) + len(self.wakes)

    def batch(self) -> Batch:
        """Its records as they came."""
        self.records.sort(key=_received_at)
        return Batch(self.records, self.wakes, self.watermark)


class Turns:
    """What a worker has been handed and has not begun to judge."""

    def __init__(self) -> None:
        self._queue: deque[Chunk] = deque()
        self._held: dict[Key, Held] = {}
        self._generation = 0
        self._watermark: dict[int, datetime] = {}
        """How far had been read behind the last chunk that was taken to its end."""
        self.waiting_bytes = self.held_bytes = 0
        self.share = FIRST

    def __bool__(self) -> bool:
        return bool(self._queue or self._held)

    def add(self, chunk: Chunk) -> None:
        """Behind all that waits already."""
        self._queue.append(chunk)
        self.waiting_bytes += chunk.bytes

    def next(self, at_once: int, generation: int) -> Turn:
        """At most about so many things, none of them of an assignment that is over."""
        turn = Turn(watermark=dict(self._watermark))  # what was held back by then is all that is left of that time
        self._take_held(turn, at_once if not self._queue else -(-at_once // 2))
        while self._queue and turn.size < at_once and self.held_bytes < HELD_BYTES:
            self._take_chunk(turn, at_once)
        self._generation, self._watermark = generation, dict(turn.watermark)
        return turn

    def forget_others(self, generation: int) -> Iterator[Wake]:
        """Drops what was read ahead of partitions that have been taken away. Returns what would have woken somebody."""
        gone = [chunk for chunk in self._queue if chunk.generation != generation]
        if gone:
            self._queue = deque(chunk for chunk in self._queue if chunk.generation == generation)
            self.waiting_bytes -= sum(chunk.bytes for chunk in gone)
        for chunk in gone:
            yield from chunk.wakes
        if self._generation != generation:
            held, self._held, self.held_bytes, self._watermark = self._held, {}, 0, {}
            for waiting in held.values():
                yield from waiting.wakes

    def lowest_held(self) -> Mapping[tuple[str, int], int]:
        """For each topic and partition of which something is held back, the lowest offset."""
        lowest: dict[tuple[str, int], int] = {}
        for held in self._held.values():
            for record in held.records:
                place = record.topic, record.partition
                lowest[place] = min(record.offset, lowest.get(place, record.offset))
        return lowest

    def took(self, turn: Turn, seconds: float) -> None:
        """How long that turn took to judge: shares grow while they take little."""
        if not turn.crowded:
            self.share = FIRST
        else:
            self.share = max(FEWEST, self.share // 2) if seconds > SHARE_SECONDS else min(MOST, 2 * self.share)

    def _take_held(self, turn: Turn, at_most: int) -> None:
        """Each case that waits in turn; whoever was served goes behind the others."""
        for key in list(self._held):
            room = min(self.share, at_most - turn.size)
            if room <= 0:
                return
            held = self._held.pop(key)
            records, held.records = held.records[:room], held.records[room:]
            self.held_bytes -= _bytes(records)
            turn.records += records
            turn.taken[key] = len(records)
            turn.crowded = True
            if held.records:
                self._held[key] = held
            else:
                turn.wakes += held.wakes

    def _take_chunk(self, turn: Turn, at_once: int) -> None:
        chunk, number, wakes = self._queue[0], 0, len(turn.wakes)
        for record in chunk.records:
            if len(turn.records) + wakes >= at_once or self.held_bytes >= HELD_BYTES:
                break
            number += 1
            self._take(turn, record)
        taken, chunk.records = chunk.records[:number], chunk.records[number:]
        self.waiting_bytes -= _bytes(taken)
        if chunk.records:
            return
        self._queue.popleft()
        for wake in chunk.wakes:
            held = self._held.get(wake.key.encode()) if self._held else None
            (held or turn).wakes.append(wake)
        for partition, instant in chunk.watermark.items():
            turn.watermark[partition] = max(instant, turn.watermark.get(partition, instant))

    def _take(self, turn: Turn, record: Record) -> None:
        """What an operator puts back does not wait: it came before all that is held back."""
        key, taken = record.key, turn.taken
        before = taken.get(key, 0)
        if record.parked_id is None and (before >= self.share or key in self._held):
            turn.crowded = True
            insort(self._held.setdefault(key, Held()).records, record, key=_received_at)
            self.held_bytes += _bytes((record,))
            return
        taken[key] = before + 1
        turn.records.append(record)


_received_at = attrgetter("received_at")


def _bytes(records: Collection[Record]) -> int:
    return sum([len(record.value or b"") for record in records]) + RECORD_OVERHEAD_BYTES * len(records)
