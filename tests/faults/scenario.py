"""What a scenario is: a module of `tests/faults/scenarios` that names its rows, and runs each of them.

A module has `TITLE` (a line for people), `BACKENDS` (the buses on which it makes sense), `rows(size)` and
`run(harness, row)`. A row can be run alone and is written down when it is done, so a long run can be resumed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from tests.faults.harness import Harness

Size = Literal["small", "full"]
"""`small`: of `make thorough`; `full`: of `make chaos`."""
VOID_BELOW = 0.3
"""A run in which fewer of the faults hit work in flight has shown nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One run. `name`: unique within its scenario; `options`: what the scenario wants to know of it again."""

    name: str
    seed: int
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Outcome:
    """What came of a row. `faults`: injected; `in_flight`: how many of them hit work in flight; `notes`: for people."""

    faults: int
    in_flight: int
    complaints: list[str]
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> Literal["pass", "fail", "void"]:
        """`void`: neither, since too little of what was injected hit anything."""
        if self.complaints:
            return "fail"
        return "void" if self.in_flight < VOID_BELOW * self.faults else "pass"


class Scenario(Protocol):
    """A module of `tests/faults/scenarios`."""

    TITLE: str
    BACKENDS: tuple[str, ...]

    def rows(self, size: Size) -> Iterable[Row]:
        """The rows of this size, each with a seed of its own."""
        ...

    async def run(self, harness: Harness, row: Row) -> Outcome:
        """Runs one. What it raises is a failure of the row."""
        ...
