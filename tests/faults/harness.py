"""What every scenario is given: ground, processes, and the run of the same workload in which nothing failed."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.faults.judging.digest import differences, dump
from tests.faults.judging.snapshot import snapshot
from tests.faults.judging.verdict import complaints
from tests.faults.processes.forkserver import Forkserver
from tests.faults.processes.older import OlderRelease
from tests.faults.processes.stack import TestStack
from tests.faults.servers.running_servers import Servers
from tests.faults.workload import Workload
from tests.journeys.standing import digest

KNOWN_DIFFERENCES = 3


class Harness:
    """The servers of one bus and the forkserver of all services, for one row after the other."""

    def __init__(self, folder: Path, backend: str) -> None:
        self.servers = Servers(folder, backend)
        self.forkserver = Forkserver()
        self._undisturbed: dict[Workload, Mapping[str, Any]] = {}
        self._older: tuple[OlderRelease, Forkserver] | None = None

    @property
    def backend(self) -> str:
        """Which bus: EMBEDDED or KAFKA of `tests.faults.servers.running_servers`."""
        return self.servers.backend

    async def __aenter__(self) -> "Harness":
        await self.servers.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.forkserver.close()
        if self._older is not None:
            self._older[1].close()
        await self.servers.stop()

    def stack(self, workload: Workload, **options: Any) -> TestStack:
        """The stack of one run: see `TestStack`."""
        return TestStack(self.servers, self.forkserver, workload, **options)

    def older(self) -> tuple[OlderRelease, Forkserver]:
        """The last release, and what forks its services; installed once. Raises NotInThisClone."""
        if self._older is None:
            older = OlderRelease(self.servers.folder / "older")
            older.install()
            self._older = older, older.forkserver()
        return self._older

    async def undisturbed(self, workload: Workload) -> Mapping[str, Any]:
        """The dump of the run in which nothing failed; made once for a workload. Raises AssertionError if it is bad."""
        if workload not in self._undisturbed:
            async with self.stack(workload) as stack:
                await stack.play()
                left = await snapshot(self.servers)
            assert not (wrong := complaints(left)), f"the undisturbed run is not as promised: {wrong}"
            self._undisturbed[workload] = dump(left)
        return self._undisturbed[workload]

    async def judge(self, workload: Workload, known_differences: int = KNOWN_DIFFERENCES) -> list[str]:
        """What is wrong with the run that has come to rest: the digest, and the verdict beside it; nothing as a rule.

        Raises LookupError when `undisturbed` was not asked before the stack was opened: both stand on the same servers.
        """
        expected = self._undisturbed[workload]
        left = await snapshot(self.servers)
        found = dump(left)
        wrong = complaints(left)
        if digest(found) != digest(expected):
            differing = list(differences(expected, found))
            wrong.append(f"the digest differs in {len(differing)} places")
            wrong += [str(difference) for difference in differing[:known_differences]]
        return wrong
