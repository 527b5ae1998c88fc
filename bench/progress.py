"""How far a service has come by its own counters, and what it and its database have worked for it meanwhile."""

import asyncio
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.frame import median
from bench.machine import Reading, Spent, medians
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
    """A service's counters at one moment. `at`: seconds of the monotonic clock."""

    at: float
    records: int
    timers: int
    emitted: int
    published: int


@dataclass(frozen=True, slots=True)
class Pace:
    """What went through one or more services between two counts of each."""

    spent: Spent
    records: int
    timers: int
    events: int
    peak_mib: float

    @property
    def seconds(self) -> float:
        """By the clock on the wall."""
        return self.spent.seconds

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
    def processor_us(self) -> Mapping[str, float]:
        """Of processor time a record: of the services, of PostgreSQL and of the bus."""
        return self.spent.microseconds(self.records)


async def count(process: Process) -> Count:
    """What the service says of itself now.

    Raises OSError when it does not answer, LookupError when it has ended, Spoilt.
    """
    counters = await asyncio.to_thread(_counters, f"{process.http}/metrics")
    if parked := counters[_PARKED]:
        raise Spoilt(f"{process.daemon.name} parked {parked:,} of {counters['records']:,} records")
    records, timers, emitted, published = (counters[name] for name in _COUNTERS)
    return Count(monotonic(), records, timers, emitted, published)


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
    begun = await Begun.now(processes)
    deadline = monotonic() + limit_seconds
    while True:
        now = [await count(process) for process in processes]
        if sum(each.records for each in now) >= records and all(each.published >= each.emitted for each in now):
            return begun.pace(now)
        if monotonic() > deadline:
            raise Blocked(f"{now} of {records:,} after {limit_seconds:g} s.{processes[0].daemon.last_words()}")
        await asyncio.sleep(LOOK_SECONDS)


@dataclass(frozen=True, slots=True)
class Begun:
    """Some processes as they were counted first, and what all that is measured had used by then."""

    processes: Sequence[Process]
    counts: Sequence[Count]
    used: Reading

    @classmethod
    async def now(cls, processes: Sequence[Process]) -> "Begun":
        """A count and a reading of each."""
        return cls(processes, [await count(process) for process in processes], Reading.now(processes[0].programs()))

    def pace(self, now: Sequence[Count]) -> Pace:
        """What has gone through since, by a count of each process that was made just now."""
        pairs = list(zip(self.counts, now, strict=True))
        return Pace(
            spent=Spent.between(self.used, Reading.now(self.processes[0].programs())),
            records=sum(after.records - before.records for before, after in pairs),
            timers=sum(after.timers - before.timers for before, after in pairs),
            events=sum(after.published - before.published for before, after in pairs),
            peak_mib=max(process.memory.peak_mib for process in self.processes),
        )


COLUMNS = ("messages/s", "events/s", "µs of the clock", "µs ours", "µs PostgreSQL", "µs bus", "peak MiB", "machine")


def figures(pace: Pace) -> tuple[object, ...]:
    """A pace as a table shows it, in the order of COLUMNS."""
    used = pace.processor_us
    return (
        pace.messages_a_second,
        pace.events_a_second,
        pace.microseconds_a_message,
        *(used[program] for program in ("ours", "postgresql", "broker")),
        pace.peak_mib,
        pace.spent.words,
    )


def summary(paces: Sequence[Pace]) -> dict[str, Any]:
    """The medians of some runs, and what each of them cost."""
    return {
        "messages_a_second": median(pace.messages_a_second for pace in paces),
        "events_a_second": median(pace.events_a_second for pace in paces),
        **medians([pace.spent for pace in paces], paces[0].records),
        "peak_rss_mib": round(max(pace.peak_mib for pace in paces)),
        "runs": [
            {"messages_a_second": round(each.messages_a_second), **each.spent.figures(each.records)} for each in paces
        ],
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
