"""How much memory a process has in use, sampled while it works."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import psutil

from bench.usage import children
from chassis.clock import monotonic

SAMPLE_SECONDS = 0.5
MIB = 1024 * 1024


@dataclass
class Memory:
    """Resident memory of a process and its children: (seconds of the monotonic clock, bytes) for each sample."""

    samples: list[tuple[float, int]] = field(default_factory=list)

    @property
    def peak_mib(self) -> float:
        """The most that was seen, in MiB; 0 before the first sample."""
        return max((size for _, size in self.samples), default=0) / MIB

    @classmethod
    @asynccontextmanager
    async def of(cls, pid: Callable[[], int | None]) -> AsyncIterator["Memory"]:
        """Samples the process whose id `pid` says until the block ends; while there is none, nothing is sampled."""
        memory = cls()
        sampling = asyncio.create_task(memory._sample(pid))
        try:
            yield memory
        finally:
            sampling.cancel()
            await asyncio.gather(sampling, return_exceptions=True)

    async def _sample(self, pid: Callable[[], int | None]) -> None:
        while True:
            if (number := pid()) is not None:
                with suppress(psutil.NoSuchProcess):
                    self.samples.append((monotonic(), resident(number)))
            await asyncio.sleep(SAMPLE_SECONDS)


def resident(pid: int) -> int:
    """Resident bytes of a process and its children. Raises psutil.NoSuchProcess."""
    size = int(psutil.Process(pid).memory_info().rss)
    for child in children(pid):
        with suppress(psutil.NoSuchProcess):
            size += resident(child)
    return size
