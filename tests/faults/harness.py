"""What every scenario is given: ground, processes, and the run of the same workload in which nothing failed."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.faults.arena import Arena
from tests.faults.digest import differences, dump
from tests.faults.ground import Ground
from tests.faults.nursery import Nursery
from tests.faults.snapshot import snapshot
from tests.faults.verdict import complaints
from tests.faults.workload import Workload
from tests.journeys.standing import digest

TOLD_DIFFERENCES = 3


class Harness:
    """The servers of one bus and the nursery of all services, for one row after the other."""

    def __init__(self, folder: Path, lane: str) -> None:
        self.ground = Ground(folder, lane)
        self.nursery = Nursery()
        self._undisturbed: dict[Workload, Mapping[str, Any]] = {}

    @property
    def lane(self) -> str:
        """Which bus: EMBEDDED or KAFKA of `tests.faults.ground`."""
        return self.ground.lane

    async def __aenter__(self) -> "Harness":
        await self.ground.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.nursery.close()
        await self.ground.stop()

    def arena(self, workload: Workload, **options: Any) -> Arena:
        """The stack of one run: see `Arena`."""
        return Arena(self.ground, self.nursery, workload, **options)

    async def undisturbed(self, workload: Workload) -> Mapping[str, Any]:
        """The dump of the run in which nothing failed; made once for a workload. Raises AssertionError if it is bad."""
        if workload not in self._undisturbed:
            async with self.arena(workload) as arena:
                await arena.play()
                left = await snapshot(self.ground)
            assert not (wrong := complaints(left)), f"the undisturbed run is not as promised: {wrong}"
            self._undisturbed[workload] = dump(left)
        return self._undisturbed[workload]

    async def judge(self, workload: Workload, differences_told: int = TOLD_DIFFERENCES) -> list[str]:
        """What is wrong with the run that has come to rest: the digest, and the verdict beside it; nothing as a rule.

        Raises LookupError when `undisturbed` was not asked before the arena was opened: both stand on one ground.
        """
        expected = self._undisturbed[workload]
        left = await snapshot(self.ground)
        found = dump(left)
        wrong = complaints(left)
        if digest(found) != digest(expected):
            differing = list(differences(expected, found))
            wrong.append(f"the digest differs in {len(differing)} places")
            wrong += [str(difference) for difference in differing[:differences_told]]
        return wrong
