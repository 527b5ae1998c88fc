"""Events that were just committed, kept in memory for the relay of this process, so that it need not read them back."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

MOST_BYTES = 8 * 1024 * 1024
"""Beyond it nothing more is kept: the relay reads it from the store when it comes to it."""
_OVERHEAD_BYTES = 256
"""What an event weighs beside its message, about."""


class Unsent(NamedTuple):
    """An event of the archive that the bus may not have: its shard, its number there, and what is sent."""

    shard: int
    id: int
    topic: str
    key: str
    message: bytes

    @property
    def weight(self) -> int:
        """In bytes, about."""
        return len(self.message) + _OVERHEAD_BYTES


class Fresh:
    """By shard and number, in whatever order the workers hand them over. What is missing here is in the store."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lines: dict[int, dict[int, Unsent]] = {}
        self._bytes = 0
        self._left_out: set[int] = set()

    def keep(self, shards: Collection[int]) -> None:
        """From now on events of these shards are kept, and of no others."""
        for shard in self._lines.keys() - shards:
            self._weigh(self._lines.pop(shard).values())
        for shard in shards - self._lines.keys():
            self._lines[shard] = {}
        self._left_out &= self._lines.keys()

    def put(self, events: Iterable[Unsent]) -> None:
        """These have been committed."""
        for event in events:
            line = self._lines.get(event.shard)
            if line is None or event.id in line:
                continue
            if self._bytes + event.weight > self._most_bytes:
                self._left_out.add(event.shard)
            else:
                line[event.id] = event
                self._bytes += event.weight

    def take(self, shard: int, after: int, at_most: int) -> list[Unsent]:
        """The events that follow a number without a gap; what lies before them is forgotten."""
        line = self._lines[shard]
        found: list[Unsent] = []
        number = after + 1
        while len(found) < at_most and (event := line.pop(number, None)) is not None:
            found.append(event)
            number += 1
        self._weigh(found)
        if not found and line:
            self._weigh([line.pop(number) for number in list(line) if number <= after])
        return found

    def lacks(self, shard: int) -> bool:
        """Whether more of the shard is known to be committed: to be asked when there is nothing to `take`."""
        return shard in self._left_out or bool(self._lines[shard])

    def read_from_store(self, shard: int) -> None:
        """The store is asked for the shard from now on: what was left out before is in it."""
        self._left_out.discard(shard)

    def _weigh(self, gone: Iterable[Unsent]) -> None:
        self._bytes -= sum(event.weight for event in gone)

    def __bool__(self) -> bool:
        """Whether anything waits here to be sent."""
        return any(self._lines.values())
