"""How far a service has come by its own counters, and what it and its database have worked for it meanwhile."""

import asyncio
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psutil

from bench.frame import median
from bench.servers import Process
from chassis.clock import monotonic

LOOK_SECONDS = 0.1
_COUNTERS = ("records", "wakeups", "events_emitted", "events_published")
_PARKED = "parked_records"


class Blocked(Exception):
    """A service did not get through its load within the limit; the message says how far it came."""


class Spoilt(Exception):
    """A service parked part of its load: it was fast because it did not judge."""


@dataclass(frozen=True, slots=True)
class Count:
    """A service's counters at one moment. `at`: seconds of the monotonic clock; `cpu_seconds`: of its process."""

    at: float
    records: int
    timers: int
    emitted: int
    published: int
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Pace:
    """What went through one or more services between two counts of each."""

    seconds: float
    records: int
    timers: int
    events: int
    cpu_seconds: float
    peak_mib: float

    @property
    def messages_a_second(self) -> float:
        """Records judged, a second."""
        return self.records / self.seconds

    @property
    def events_a_second(self) -> float:
        """Events acknowledged by the bus, a second."""
        return self.events / self.seconds

    @property
    def microseconds_a_message(self) -> float:
        """From the clock on the wall: what a record costs."""
        return 1e6 * self.seconds / self.records

    @property
    def cpu_microseconds_a_message(self) -> float:
        """Of the service's own process; PostgreSQL and the bus are others."""
        return 1e6 * self.cpu_seconds / self.records


async def count(process: Process) -> Count:
    """What the service says of itself now.

    Raises OSError when it does not answer, LookupError when it has ended, Spoilt.
    """
    counters = await asyncio.to_thread(_counters, f"{process.http}/metrics")
    if parked := counters[_PARKED]:
        raise Spoilt(f"{process.daemon.name} parked {parked:,} of {counters['records']:,} records")
    times = psutil.Process(process.pid).cpu_times()
    records, timers, emitted, published = (counters[name] for name in _COUNTERS)
    return Count(monotonic(), records, timers, emitted, published, times.user + times.system)


async def until(process: Process, done: Callable[[Count], bool], limit_seconds: float) -> Count:
    """The first count that is `done`, all that was emitted being on the bus. Raises Blocked, LookupError."""
    deadline = monotonic() + limit_seconds
    while not (done(now := await count(process)) and now.published >= now.emitted):
        if monotonic() > deadline:
            raise Blocked(f"{process.daemon.name}: {now} after {limit_seconds:g} s.{process.daemon.last_words()}")
        await asyncio.sleep(LOOK_SECONDS)
    return now


async def through(processes: Sequence[Process], records: int, limit_seconds: float = 600) -> Pace:
    """The pace at which these processes, together, get through a load of so many records from now on.

    What they had judged before the first count is not counted, nor is the time it took.
    """
    begun = [await count(process) for process in processes]
    deadline = monotonic() + limit_seconds
    while True:
        now = [await count(process) for process in processes]
        if sum(each.records for each in now) >= records and all(each.published >= each.emitted for each in now):
            return pace(processes, begun, now)
        if monotonic() > deadline:
            raise Blocked(f"{now} of {records:,} after {limit_seconds:g} s.{processes[0].daemon.last_words()}")
        await asyncio.sleep(LOOK_SECONDS)


def pace(processes: Sequence[Process], begun: Sequence[Count], ended: Sequence[Count]) -> Pace:
    """What lies between two counts of each process."""
    pairs = list(zip(begun, ended, strict=True))
    return Pace(
        seconds=max(after.at for after in ended) - min(before.at for before in begun),
        records=sum(after.records - before.records for before, after in pairs),
        timers=sum(after.timers - before.timers for before, after in pairs),
        events=sum(after.published - before.published for before, after in pairs),
        cpu_seconds=sum(after.cpu_seconds - before.cpu_seconds for before, after in pairs),
        peak_mib=max(process.memory.peak_mib for process in processes),
    )


COLUMNS = ("messages/s", "events/s", "µs a message", "CPU µs a message", "peak MiB")


def figures(pace: Pace) -> tuple[float, ...]:
    """A pace as a table shows it, in the order of COLUMNS."""
    return (
        pace.messages_a_second,
        pace.events_a_second,
        pace.microseconds_a_message,
        pace.cpu_microseconds_a_message,
        pace.peak_mib,
    )


def summary(paces: Sequence[Pace]) -> dict[str, Any]:
    """The medians of some runs, the single values of the first of them beside it."""
    return {
        "messages_a_second": median(pace.messages_a_second for pace in paces),
        "messages_a_second_runs": [round(pace.messages_a_second) for pace in paces],
        "events_a_second": median(pace.events_a_second for pace in paces),
        "microseconds_a_message": median(pace.microseconds_a_message for pace in paces),
        "cpu_microseconds_a_message": median(pace.cpu_microseconds_a_message for pace in paces),
        "peak_rss_mib": round(max(pace.peak_mib for pace in paces)),
    }


def _counters(url: str) -> dict[str, int]:
    with urllib.request.urlopen(url, timeout=30) as response:  # noqa: S310 - a service of ours
        lines = response.read().decode().splitlines()
    values = (line.rsplit(" ", 1) for line in lines if line.startswith("afterward_"))
    named: Counter[str] = Counter()
    for name, value in values:
        named[name.partition("{")[0].removeprefix("afterward_").removesuffix("_total")] += int(float(value))
    if missing := [name for name in _COUNTERS if name not in named]:
        raise LookupError(f"{url} does not count {', '.join(missing)}")
    return {name: named[name] for name in (*_COUNTERS, _PARKED)}
