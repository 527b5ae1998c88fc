"""How far each partition has been judged without a gap, in whatever order its records are judged.

A batch is in the order in which its records came, it may be done only in part, and a case may be left for later. So
the offset after the last record judged says nothing: all that lies before a read offset has been judged.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import NamedTuple

from chassis.consume.reader import Record

Place = tuple[str, int]
"""Topic and partition."""


class ReadOffset(NamedTuple):
    """How far a partition will have been read once a transaction is committed: a row of `read_offset`.

    `known`: how far the store has said before that it has read; one that says less now has gone back. `stamp`: the
    timestamp on the bus, in milliseconds, of the record before `next_offset`.
    """

    topic: str
    partition: int
    known: int
    next_offset: int
    stamp: int


@dataclass(slots=True)
class _Line:
    """One partition. `waiting`: offset → stamp of what was handed on, in order; `judged`: which of them are done."""

    known: int
    waiting: dict[int, int] = field(default_factory=dict)
    judged: set[int] = field(default_factory=set)

    def after(self, more: set[int]) -> tuple[int, int] | None:
        """The offset after the last before which nothing is left, and its stamp; None while the first waits."""
        end = None
        for offset, stamp in self.waiting.items():
            if offset not in more and offset not in self.judged:
                break
            end = offset + 1, stamp
        return end

    def keep(self, more: set[int]) -> None:
        self.judged.update(more & self.waiting.keys())
        for offset in list(takewhile(self.judged.__contains__, self.waiting)):
            del self.waiting[offset]
            self.judged.discard(offset)


class ReadOffsets:
    """What this process has taken over of each partition and not judged yet, since it was given the partition."""

    def __init__(self) -> None:
        self._lines: dict[Place, _Line] = {}

    @property
    def known(self) -> Mapping[Place, int]:
        """How far the store has said that each partition was read."""
        return {place: line.known for place, line in self._lines.items()}

    def begin(self, known: Mapping[Place, int]) -> None:
        """These partitions and no others, read as far as the store says."""
        self._lines = {place: _Line(offset) for place, offset in known.items()}

    def take(self, records: Iterable[Record]) -> None:
        """These are handed on to be judged, in the order of their offsets in each partition."""
        for record in records:
            if (line := self._lines.get((record.topic, record.partition))) is not None:
                line.waiting[record.offset] = record.stamp

    def oldest_stamp(self) -> int | None:
        """The timestamp on the bus, in milliseconds, of the oldest that is not judged; None: all are."""
        firsts = (next(iter(line.waiting.values()), None) for line in self._lines.values())
        return min((stamp for stamp in firsts if stamp is not None), default=None)

    def after(self, judged: Iterable[Record]) -> Sequence[ReadOffset]:
        """The read offsets that move once these have been judged, in order; nothing is changed by asking."""
        marks = []
        for place, offsets in sorted(_by_place(judged).items()):
            line = self._lines.get(place)
            if line is not None and (end := line.after(offsets)) is not None:
                marks.append(ReadOffset(*place, line.known, *end))
        return marks

    def keep(self, judged: Iterable[Record], marks: Iterable[ReadOffset]) -> None:
        """These are judged and the marks are committed."""
        for place, offsets in _by_place(judged).items():
            if (line := self._lines.get(place)) is not None:
                line.keep(offsets)
        for mark in marks:
            line = self._lines.get((mark.topic, mark.partition))
            if line is not None and line.known == mark.known:  # else the partition was given anew meanwhile
                line.known = max(line.known, mark.next_offset)


def _by_place(records: Iterable[Record]) -> Mapping[Place, set[int]]:
    """What was parked before has no offset any more."""
    offsets: dict[Place, set[int]] = defaultdict(set)
    for record in records:
        if record.parked_id is None:
            offsets[record.topic, record.partition].add(record.offset)
    return offsets
