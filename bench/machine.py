"""What a run has cost, and whether the machine was quiet: processor time by program, waiting, the host's steal.

A clock on the wall says how fast a run was beside whatever else the machine did. Processor time says what it cost; it
can be compared between peers that took turns, also where others were at work.
"""

import asyncio
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import psutil

from bench.usage import Usage, usage_of
from chassis.clock import monotonic

SAMPLE_SECONDS = 0.2
QUIET_CORES = 0.1
"""A machine is quiet while others use no more of it, and its host takes away no more."""

Programs = Mapping[str, Sequence[int]]
"""Name → the processes that began it, e.g. `ours`, `postgresql`, `broker`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What each program, this process, and the whole machine had used at one instant of the monotonic clock."""

    at: float
    used: Mapping[str, Usage]
    benchmark: float
    everything: float
    stolen: float

    @classmethod
    def now(cls, programs: Programs) -> "Reading":
        """Raises ProcessLookupError when a program has ended."""
        used = {name: sum(map(usage_of, pids), Usage()) for name, pids in programs.items()}
        times = psutil.cpu_times()
        busy = sum(getattr(times, name, 0.0) for name in ("user", "nice", "system", "irq", "softirq"))
        return cls(monotonic(), used, time.process_time(), busy, getattr(times, "steal", 0.0))

    def towards(self, later: "Reading", at: float) -> "Reading":
        """What had been used at an instant between this reading and a later one, as if it was used evenly."""
        share = (at - self.at) / (later.at - self.at)

        def between(one: float, other: float) -> float:
            return one + (other - one) * share

        return Reading(
            at,
            {name: used + (later.used[name] - used) * share for name, used in self.used.items()},
            between(self.benchmark, later.benchmark),
            between(self.everything, later.everything),
            between(self.stolen, later.stolen),
        )


@dataclass(frozen=True, slots=True)
class Spent:
    """What lies between two readings. `elsewhere`, `stolen`: cores that others, and the machine's host, had of it."""

    seconds: float
    used: Mapping[str, Usage]
    elsewhere: float
    stolen: float

    @classmethod
    def between(cls, begun: Reading, ended: Reading) -> "Spent":
        """Raises ZeroDivisionError when no time lies between them."""
        seconds = ended.at - begun.at
        used = {name: ended.used[name] - before for name, before in begun.used.items()}
        known = sum(each.processor for each in used.values()) + ended.benchmark - begun.benchmark
        elsewhere = max(0.0, ended.everything - begun.everything - known) / seconds
        return cls(seconds, used, elsewhere, max(0.0, ended.stolen - begun.stolen) / seconds)

    @property
    def quiet(self) -> bool:
        """Whether the run had the machine to itself: only then a rate says something."""
        return self.elsewhere <= QUIET_CORES and self.stolen <= QUIET_CORES

    @property
    def words(self) -> str:
        """Whether the machine was quiet, for a table."""
        return "quiet" if self.quiet else f"busy: {self.elsewhere:.1f} cores elsewhere, {self.stolen:.1f} stolen"

    @property
    def cores(self) -> float:
        """How many of them the programs kept busy."""
        return sum(used.processor for used in self.used.values()) / self.seconds

    def microseconds(self, records: int) -> dict[str, float]:
        """Of processor time a record, by program."""
        return {name: _rounded(1e6 * used.processor / records) for name, used in self.used.items()}

    def figures(self, records: int) -> dict[str, Any]:
        """What every figure carries, by record: processor time and waiting of each program, and the wall's clock."""
        return {
            "processor_us": self.microseconds(records),
            "waited_us": {name: _rounded(1e6 * used.waited / records) for name, used in self.used.items()},
            "wall_us": _rounded(1e6 * self.seconds / records),
            "elsewhere_cores": round(self.elsewhere, 2),
            "stolen_cores": round(self.stolen, 2),
            "quiet": self.quiet,
        }


def medians(runs: Sequence[Spent], records: int) -> dict[str, Any]:
    """The figures of some runs of so many records each: medians, and whether all of them were quiet."""
    figures = [run.figures(records) for run in runs]
    by_program = {
        what: {name: _rounded(median(each[what][name] for each in figures)) for name in runs[0].used}
        for what in ("processor_us", "waited_us")
    }
    of_all = {name: median(each[name] for each in figures) for name in ("wall_us", "elsewhere_cores", "stolen_cores")}
    return {**by_program, **of_all, "quiet": all(run.quiet for run in runs)}


@dataclass
class Meter:
    """Readings taken again and again while something runs. `programs`: those that run by then."""

    programs: Callable[[], Programs]
    readings: list[Reading] = field(default_factory=list)

    def read(self) -> Reading:
        """One now. Raises ProcessLookupError when a program has ended."""
        self.readings.append(Reading.now(self.programs()))
        return self.readings[-1]

    def between(self, began: float, ended: float) -> Spent:
        """What was spent between two instants of the monotonic clock. Raises LookupError outside of what was read."""
        return Spent.between(self._at(began), self._at(ended))

    def _at(self, instant: float) -> Reading:
        after = bisect_left(self.readings, instant, key=lambda reading: reading.at)
        if after < len(self.readings) and self.readings[after].at == instant:
            return self.readings[after]
        if not 0 < after < len(self.readings):
            raise LookupError(f"nothing was read on both sides of {instant}")
        return self.readings[after - 1].towards(self.readings[after], instant)

    async def sample(self) -> None:
        """Reads for ever."""
        while True:
            self.read()
            await asyncio.sleep(SAMPLE_SECONDS)


@asynccontextmanager
async def metered(programs: Callable[[], Programs]) -> AsyncIterator[Meter]:
    """Readings until the block ends, or a program does: the first at once. Raises ProcessLookupError."""
    meter = Meter(programs)
    meter.read()
    sampling = asyncio.create_task(meter.sample())
    try:
        yield meter
    finally:
        sampling.cancel()
        await asyncio.gather(sampling, return_exceptions=True)


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")
