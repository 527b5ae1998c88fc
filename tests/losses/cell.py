"""A cell of the table of what may be lost: servers in one set-up, a writer, a fault, and what is there afterwards."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

Attempt = Callable[[Path], Awaitable["Loss"]]
"""(an empty folder) → what came of it. Ends all servers that it started."""
Key = tuple[str, str, str]
"""Server, set-up and fault."""
ATTEMPTS = 5
"""What may be lost is not lost each time: such a cell is tried again, until it is."""


@dataclass(frozen=True, slots=True)
class Loss:
    """`acknowledged`: how many writes the server had confirmed; `lost`: how many of them are not there afterwards."""

    acknowledged: int
    lost: int

    def __str__(self) -> str:
        return f"{self.lost:,} of {self.acknowledged:,}"


@dataclass(frozen=True, slots=True)
class Cell:
    """`loses`: what the table claims of it; `then`: what is to be done about it, for people."""

    server: str
    set_up: str
    fault: str
    loses: bool
    then: str
    attempt: Attempt

    @property
    def key(self) -> Key:
        """What names it in the table."""
        return self.server, self.set_up, self.fault

    async def tried(self, folder: Path) -> Loss:
        """What came of the first attempt that lost something, or of the last; one attempt where nothing may be lost."""
        loss = Loss(0, 0)
        for number in range(ATTEMPTS if self.loses else 1):
            place = folder / str(number)
            place.mkdir(parents=True)
            loss = await self.attempt(place)
            assert loss.acknowledged, "nothing was confirmed: the cell has shown nothing"
            if loss.lost:
                break
        return loss
