"""What a conversation with a store says of places on the bus; see `test_statements`."""

from collections.abc import Sequence
from random import Random
from typing import Any

from chassis.store import columns

Line = tuple[str, Sequence[Any]]
"""A statement by name, and its arguments."""


class AboutPlaces:
    """A part of `Conversation`."""

    _dice: Random

    def _places(self) -> list[tuple[str, int]]:
        every = [(f"{name}.events.v1", partition) for name in "ab" for partition in range(3)]
        return sorted(self._dice.sample(every, self._dice.randint(1, 4)))

    def begin_reading(self) -> Line:
        return "begin_reading", columns(self._places(), 2)

    def note_read(self) -> Line:
        rows = [(*place, self._dice.randrange(4), self._dice.randrange(6)) for place in self._places()]
        return "note_read", columns(((*row, 1_000 + row[3]) for row in rows), 5)

    def read_anew(self) -> Line:
        return "read_anew", columns(((*place, self._dice.randrange(6)) for place in self._places()), 3)

    def store_identity(self) -> Line:
        return "store_identity", []
