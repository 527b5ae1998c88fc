"""One run: a workload, told to all services in a simulated world, with the faults that a seed draws."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from random import Random
from types import ModuleType
from typing import Any

from aiokafka import TopicPartition

from chassis.ids import partition_of
from chassis.process.outages import BUS, STORE
from chassis.process.settings import Settings
from schemas.services import SERVICES
from schemas.topic import PARTITIONS
from tests.journeys.stack import Sent
from tests.simulation.bus import Bus
from tests.simulation.checks import End, Heard, differences, end_of, violations
from tests.simulation.faults import Faults
from tests.simulation.loop import VirtualLoop, close
from tests.simulation.process import RESTART_SECONDS, Process, in_place_of_the_context
from tests.simulation.shards import unsent_of
from tests.simulation.store import Store
from tests.simulation.strangers import disturb
from tests.simulation.workload import Hop, Workload, is_a_relapse
from tests.simulation.world import StoppedClock, World

SEEDS_A_WORKLOAD = 8
"""So many runs with different faults are held against one without."""
MAY_SLEEP = ("followup", "bulletin")
"""Nobody who reads what they say looks at when it came, so the clock may go on while they are away: but for a test at
home that is positive, after which a transfer is asked for. Who is told of it too late is given the time to admit from
then on. So follow-up is awake once there is one.
"""
LATEST_ANSWER = timedelta(days=3)
"""An alert that came late has been escalated to the end by then, as it was without faults."""
PATIENCE_SECONDS = 300.0
LOOK_SECONDS = 0.5
Broken = Mapping[tuple[ModuleType | type, str], Any]


@dataclass
class Outcome:
    """How a run ended: `problems` is empty if nothing was lost and nothing was done twice."""

    seed: int
    problems: list[str]
    hit: Mapping[str, int]
    lines: list[str] = field(default_factory=list)


class Restless(Exception):
    """The world did not come to rest."""


def simulate(
    seed: int, broken: Broken | None = None, aggregates: Sequence[str] | None = None, *, trace: bool = False
) -> Outcome:
    """The run of a seed, held against the run of the same workload without faults. The same seed, the same trace.

    `broken`: what is replaced in the services' code. `kinds`: the faults, where the seed is not to choose them.
    """
    for outage in (BUS, STORE):  # who died without them in an earlier run is not without them in this one
        outage._without.clear()
    undisturbed = reference(seed // SEEDS_A_WORKLOAD)
    dice = Random(f"faults {seed}")
    faults = Faults.drawn(dice) if aggregates is None else Faults.of(dice, aggregates)
    with _run(dice, faults, undisturbed.workload, broken or {}, trace=trace) as run:
        problems = run.play()
        if not problems:
            problems += violations(run.world)
            problems += differences(undisturbed.end, end_of(run.world))
    return Outcome(seed, problems, dict(run.world.faults.hit), run.lines)


@dataclass
class Reference:
    """A workload, its calls answered, and how it ends without faults."""

    workload: Workload
    end: End


@lru_cache(maxsize=2)
def reference(number: int) -> Reference:
    """The run of a workload in which nothing goes wrong. Raises AssertionError where that alone breaks a promise."""
    workload = Workload.drawn(number)
    dice = Random(f"reference {number}")
    with _run(dice, Faults(dice), workload, {}, trace=False) as run:
        problems = run.play(answering=True) or violations(run.world)
        end = end_of(run.world)
    assert not problems, f"workload {number}, without faults: {problems}"
    return Reference(workload, end)


class Run:
    """The services' processes, in their seats, and what is told to them."""

    def __init__(self, world: World, workload: Workload, settings: Settings, seats: Mapping[str, int]) -> None:
        self.world, self.workload, self.settings = world, workload, settings
        self.asleep: set[str] = set()
        self.relapsed = False
        self.heard = Heard(world)
        self.lines: list[str] = []
        self._seats = seats
        self._processes: dict[tuple[str, int], Process] = {}
        world.ended = self._ended

    def play(self, *, answering: bool = False) -> list[str]:
        """Tells the whole workload, and returns once all that follows from it is done; what must not happen."""
        try:
            self.world.loop.run_until_complete(self._play(answering))
        except Restless as restless:
            self.world.problems.append(str(restless))
        return self.world.problems

    def end(self) -> None:
        """Nobody does anything any more; the trace ends here."""
        self.lines = self.world.lines or []
        self.world.lines = None
        self.world.ended = lambda _process: None
        for process in list(self._processes.values()):
            process.die()

    async def _play(self, answering: bool) -> None:
        for service, seats in self._seats.items():
            for number in range(seats):
                self._start(service, number)
        for number, hop in enumerate(self.workload.hops):
            self._send_to_sleep(hop)
            await self.world.pass_time(1.0)
            self.world.clock.step_to(hop.at)
            await self.world.pass_time(1.0)
            await self._publish(hop.given)
            await self._quiet()
            if answering:
                self.workload.answer(number, self.heard.asked())
        await self._end()

    async def _end(self) -> None:
        """All faults end, everybody wakes up, what is still on its way arrives, and the last deadlines pass."""
        self.world.note("no more faults")
        self.world.faults.end()
        for service in sorted(self.asleep):
            self._wake(service)
        await self._quiet()
        thaws = max((process.frozen_until for process in self._processes.values()), default=0.0)
        if thaws > self.world.loop.time():
            await self.world.pass_to(thaws + 1.0)
            await self._quiet()
        self.world.clock.step_to(self.world.clock.now() + LATEST_ANSWER)
        await self._quiet()

    def _start(self, service: str, number: int) -> None:
        if service not in self.asleep and (service, number) not in self._processes:
            self._processes[service, number] = Process(self.world, service, number, self.settings)
            self._processes[service, number].start()

    def _ended(self, process: Process) -> None:
        """Whoever supervises the processes starts another in its seat; its group notices after a while."""
        group, consumer, loop = process.consumer.group, process.consumer, self.world.loop
        del self._processes[process.service_name, process.number]
        loop.call_later(self.world.session_seconds, group.leave, consumer)
        restart = self.world.dice.random() * RESTART_SECONDS
        loop.call_later(restart, self._start, process.service_name, process.number)

    def _send_to_sleep(self, hop: Hop) -> None:
        """A service may be away while the clock goes on, and find afterwards what came before."""
        self.relapsed = self.relapsed or any(is_a_relapse(sent) for sent in hop.given)
        for service in MAY_SLEEP:
            is_needed = service == "followup" and self.relapsed
            if service in self.asleep and (self.world.dice.random() < 0.5 or is_needed):
                self._wake(service)
            elif not is_needed and self.world.faults.strikes("asleep"):
                self.world.note(f"{service} sleeps")
                self.asleep.add(service)
                for process in [one for one in self._processes.values() if one.service_name == service]:
                    process.die()

    def _wake(self, service: str) -> None:
        self.world.note(f"{service} wakes up")
        self.asleep.discard(service)
        for number in range(self._seats[service]):
            self._start(service, number)

    async def _publish(self, given: list[Sent]) -> None:
        """What goes to one partition keeps its order, all else may change it; who is not sure sends again."""
        lines: dict[TopicPartition, list[Sent]] = {}
        for sent in given:
            partition = partition_of((sent.key or b"").decode(), PARTITIONS)
            lines.setdefault(TopicPartition(sent.topic, partition), []).append(sent)
        dice, faults = self.world.dice, self.world.faults
        while lines:
            where = dice.choice(list(lines)) if faults.chances else next(iter(lines))
            sent = lines[where].pop(0)
            self.world.bus.append(*where, sent.key, sent.value, sent.headers)
            disturb(self.world, where, sent)
            if faults.strikes("report_repeated"):
                lines[where].insert(dice.randint(0, len(lines[where])), sent)
            if not lines[where]:
                del lines[where]
            if dice.random() < 0.1:
                await self.world.pass_time(0.2)

    async def _quiet(self) -> None:
        """Returns when nobody who is awake has anything left to do. Raises Restless."""
        deadline = self.world.loop.time() + PATIENCE_SECONDS
        while left := dict(self._left()):
            if self.world.problems or self.world.loop.time() > deadline:
                raise Restless(f"no rest after {PATIENCE_SECONDS:g} s: {left}")
            await self.world.pass_to(self.world.loop.time() + LOOK_SECONDS)
        self.world.note("all is quiet")

    def _left(self) -> Iterator[tuple[str, str]]:
        now = self.world.clock.now()
        for service in SERVICES:
            if service not in self.asleep:
                tables = self.world.stores[service].tables
                behind = self.world.bus.groups[service].unread
                due = sum(
                    row["due"] is not None and row["due"] <= now and not row["blocked"]
                    for row in tables["state"].values()
                )
                unsent = sum(1 for _ in unsent_of(tables))
                woken, lost = (len(tables[name]) for name in ("wakes", "lost_word"))
                if behind or due or unsent or woken or lost:
                    given = (
                        f"{behind} partitions unread, {due} due, {unsent} unsent, {woken} woken, {lost} to be settled"
                    )
                    yield service, given


@contextmanager
def _run(dice: Random, faults: Faults, workload: Workload, broken: Broken, *, trace: bool) -> Iterator[Run]:
    """A world with nobody in it yet; taken apart at the end."""
    loop = VirtualLoop()
    world = World(dice, loop, faults, [] if trace else None)
    world.clock = StoppedClock(world, workload.hops[0].at)
    world.bus = Bus(world)
    world.stores = {service: Store(world, service) for service in SERVICES}
    settings = _settings(dice, world)
    seats = {service: dice.choice([1, 2]) if faults.chances else 1 for service in SERVICES}
    with in_place_of_the_context(world, broken), _logging_to(world):
        run = Run(world, workload, settings, seats)
        try:
            yield run
        finally:
            run.end()
            close(loop)


def _settings(dice: Random, world: World) -> Settings:
    return Settings(
        workers=dice.choice([1, 2]),
        batch_max_records=dice.choice([2, 20, 1_000]),
        fetch_max_wait_ms=1_000,
        wakeup_poll_ms=1_000,
        session_timeout_ms=int(world.session_seconds * 1_000),
        statement_timeout_seconds=20,
        send_timeout_seconds=5,
        shard_session_timeout_seconds=int(world.session_seconds),
        standing_still_seconds=240,
    )


@contextmanager
def _logging_to(world: World) -> Iterator[None]:
    """What the services log becomes part of the trace, and is not seen elsewhere."""
    logger = logging.getLogger("afterward")
    handler = _ToTrace(world)
    before = logger.propagate, logger.level
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate, level = before
        logger.setLevel(level)


class _ToTrace(logging.Handler):
    def __init__(self, world: World) -> None:
        super().__init__()
        self._context = world

    def emit(self, record: logging.LogRecord) -> None:
        if self._context.lines is not None:
            error = record.exc_info[1] if record.exc_info else None
            self._context.note(f"{record.name}: {record.getMessage()}" + (f" ({error!r})" if error else ""))
