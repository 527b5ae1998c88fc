"""A process of a service: the real `Service` with all its jobs, on a simulated bus and store. It can die and freeze."""

import asyncio
import contextvars
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from copy import copy
from functools import cache
from importlib import import_module
from itertools import count
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import asyncpg

from chassis.consume import consumption, faststream_adapter, reader, turns, workers
from chassis.consume.quick import QuickReader
from chassis.decide.aggregate import AnyAggregate
from chassis.process import process, service, shutdown
from chassis.process.service import Service
from chassis.process.settings import Settings
from chassis.process.watchdog import Watchdog
from chassis.publish import relay
from chassis.store import engine, epoch
from chassis.store.connection import StoreWentBack
from chassis.store.engine import JUDGING_SECONDS
from chassis.store.replicas import Replica
from tests.simulation.backups import may_have_gone_back
from tests.simulation.consumer import Consumer
from tests.simulation.heard import Heard
from tests.simulation.producer import Producer
from tests.simulation.store import Connection
from tests.simulation.world import AT_WORK, World

FROZEN_SECONDS = 60.0
SLOW_SECONDS = 2 * JUDGING_SECONDS
RESTART_SECONDS = 8.0
POLL_SECONDS = 2.0
"""How often an idle relay looks into its outbox. Most of a run is idle, and an idle look costs as much as another."""
TAIL = 3
"""Records at the end of a partition that a process looks at as it begins: many begin here."""
FEWEST = 3
"""Records of one case in a batch, where it has more: so few that of these patients some are held back now and then."""
QUICK = 0.5
"""So many of all steps take no time at all."""


def aggregates_of(name: str) -> Sequence[AnyAggregate]:
    """As `services/<name>/app.py` hands them to the service."""
    aggregates: Sequence[AnyAggregate] = import_module(f"services.{name}.routes").AGGREGATES
    return aggregates


class Process:
    """One run of one process, from its start to its death; its seat in the group is taken again by the next."""

    def __init__(self, world: World, service_name: str, number: int, settings: Settings) -> None:
        self.world, self.service_name, self.number = world, service_name, number
        self.settings = settings
        self.name = f"{service_name}/{number}"
        self.dead = False
        self.frozen_until = 0.0
        self.connections: list[Connection] = []
        self.copies: dict[Replica[Any], Replica[Any]] = {}
        self._begun = False
        self._tasks: list[asyncio.Task[None]] = []
        self._context = contextvars.copy_context()
        self._context.run(AT_WORK.set, self)
        self.service: Service = self._context.run(Service, service_name, aggregates_of(service_name), settings)
        subscriber: Any = self.service.consumption.subscriber
        self.consumer: Consumer = subscriber.consumer
        self._receive: Callable[[Sequence[Any]], Coroutine[Any, Any, None]] = subscriber.handler

    def start(self) -> None:
        """All its jobs begin."""
        self.world.note(f"{self.name} starts")
        self._begin(self._serve())

    def _begin(self, job: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(self.world.loop.create_task(job, context=self._context))

    async def _serve(self) -> None:
        await self.service._start()
        self._tasks += self.service._tasks
        await asyncio.sleep(0)
        self._begun = True
        if self.dead:
            self._cancel()
            return

    def join(self) -> None:
        """What FastStream does when a subscriber is started."""
        self._begin(self.consumer.keep_to_the_group())
        self._begin(self._read())

    async def _read(self) -> None:
        """What FastStream does: one fetch after the other, each handed to the service, which returns soon."""
        while True:
            records = await self.service.consumption.fetches.next(self.consumer, faststream_adapter.LONGEST_FETCH_MS)
            if records:
                await self._receive(records)

    async def step(self, what: str, most_seconds: float) -> None:
        """Before each thing it asks of the world outside: time passes, and it may freeze or die."""
        self.check_alive()
        draw = self.world.dice.random()
        if draw > QUICK:
            await asyncio.sleep((draw - QUICK) / (1 - QUICK) * most_seconds)
            self.check_alive()
        if self.world.faults.strikes("freeze"):
            self._freeze(what)
        await self.thawed()
        self.may_end(what)

    def check_alive(self) -> None:
        """Raises CancelledError in whatever of a dead process still runs."""
        if self.dead:
            raise asyncio.CancelledError

    def may_end(self, what: str) -> None:
        """The process may die here; then nothing after this is ever done."""
        self.check_alive()
        if self.world.faults.strikes("crash"):
            self.world.note(f"{self.name} dies at {what}")
            self.die()
            raise asyncio.CancelledError

    async def thawed(self) -> None:
        """Returns when the process is not frozen."""
        while (left := self.frozen_until - self.world.loop.time()) > 0:
            await asyncio.sleep(left)
            self.check_alive()

    def _freeze(self, what: str) -> None:
        seconds = self.world.dice.random() * FROZEN_SECONDS
        self.world.note(f"{self.name} freezes at {what} for {seconds:.3f} s")
        self.frozen_until = until = self.world.loop.time() + seconds
        self._after(self.world.session_seconds, until, lambda: self.consumer.group.leave(self.consumer))
        for connection in list(self.connections):
            silent_ms = connection.server_settings.get("idle_session_timeout")
            if silent_ms is not None:
                self._after(int(silent_ms) / 1000, until, connection.lose)

    def _after(self, seconds: float, until: float, action: Callable[[], None]) -> None:
        """What others do to a process that has been silent for so long."""

        def act() -> None:
            if not self.dead and self.frozen_until == until:
                action()

        if self.world.loop.time() + seconds < until:
            self.world.loop.call_later(seconds, act)

    def die(self) -> None:
        """All that it held in memory is gone; what it was connected to notices at once, the group a little later."""
        if self.dead:
            return
        self.dead = True
        if self._begun:  # else its jobs are ended once each has taken its first step
            self._cancel()
        for connection in self.connections:
            connection.lose()
        self.world.ended(self)

    def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    def stops_itself(self) -> None:
        """A job has failed, or records were lost: a defect, as no fault may do that but a store that has gone back."""
        if self.dead:  # what still ran of it has just been told so
            return None
        if isinstance(sys.exc_info()[1], StoreWentBack) and may_have_gone_back(self.world, self.service_name):
            self.world.note(f"{self.name} ends, since its store has gone back")
            return self.die()
        self.world.problems.append(f"{self.name} stopped itself: {sys.exc_info()[1] or 'standing still'}")
        return self.die()

    async def connect(self, dsn: str, statement_timeout_seconds: float, **server_settings: str) -> Connection:
        """A connection to the store of its service."""
        await self.step("connect", 0.01)
        connection = Connection(self, self.world.stores[self.service_name], server_settings)
        self.connections = [one for one in self.connections if not one.closed] + [connection]
        return connection


class Broker:
    """What `Service` asks of FastStream's broker: to be handed what the consumer reads."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self._process = AT_WORK.get()

    def subscriber(self, *topics: str, **options: Any) -> "Subscriber":
        """The group is the service's own, and what it has not read yet is read from the beginning."""
        process = self._process
        group = process.world.bus.groups[options["group_id"]]
        assert set(topics) == {partition.topic for partition in group.partitions}
        fetch_seconds = options["fetch_max_wait_ms"] / 1000
        from_the_beginning = options["auto_offset_reset"] == "earliest"
        committed_only = options["isolation_level"] == "read_committed"
        reported = (options["listener"], fetch_seconds, from_the_beginning, committed_only)
        return Subscriber(process, Consumer(process, group, *reported))


class Subscriber:
    """The consumer, and the handler that it is to call."""

    def __init__(self, process: Process, consumer: Consumer) -> None:
        self.process, self.consumer = process, consumer
        self.heard_by: Any = None

    async def join(self, _assignor: Any) -> None:
        """It joins the group, and reads."""
        self.process.join()

    async def stop(self) -> None:
        """The process has lost its store for so long that it gives its partitions up: it begins anew."""
        self.process.world.note(f"{self.process.name} gives its partitions back")
        self.process.die()

    def __call__(self, handler: Any) -> Any:
        self.handler = handler
        return handler


async def _watch(self: Watchdog) -> None:
    """The watchdog without its thread and its doubts: who stands still here has nobody else to blame."""
    while True:
        await asyncio.sleep(self._pause_seconds)
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            if reason := await self.look():
                self._end(reason)
                return


async def _fits(*_: object) -> None:
    """The store in memory has no columns, and there is one version of the code."""


async def _held_by_each(self: Replica[Any], connection: Connection, revision: Any) -> Any:
    """Each process holds a copy of its own, and begins without one: no run knows what was read in another."""
    copies = AT_WORK.get().copies
    if self not in copies:
        copies[self] = copy(self)
        copies[self]._held = None
    return await _READ_COPY(copies[self], connection, revision)


_READ_COPY: Any = Replica.at


@cache
def _quick_reader(learnt: tuple[Any, ...], passed_over: tuple[Any, ...]) -> QuickReader:
    """Built once, for all processes that ever begin: it holds no state, and takes longer than all else."""
    return QuickReader(learnt, passed_over)


def _chassis() -> list[ModuleType]:
    return [sys.modules[name] for name in sorted(sys.modules) if name.startswith("chassis.")]


@contextmanager
def in_place_of_the_context(world: World, broken: Mapping[tuple[ModuleType | type, str], Any]) -> Iterator[None]:
    """Within this, the chassis meets the simulated world; `broken`: what else is to be replaced."""
    instead: dict[tuple[Any, str], Any] = {
        (module, name): seen
        for name, seen in (("real_now", world.real_now), ("monotonic", world.loop.time))
        for module in _chassis()
        if hasattr(module, name)
    }
    instead |= {
        (engine, "monotonic"): lambda: world.loop.time() + SLOW_SECONDS * world.faults.strikes("slow"),
        (process, "timeline"): lambda _file: world.clock,
        (process, "connect"): lambda *args, **kwargs: AT_WORK.get().connect(*args, **kwargs),
        (service, "check_fits"): _fits,
        (process, "make_producer"): lambda *_: Producer(AT_WORK.get()),
        (consumption, "stamps_at"): lambda _servers, places: AT_WORK.get().consumer.stamps_at(places),
        (epoch, "Heard"): lambda *given: Heard(AT_WORK.get(), *given),
        (epoch, "TAIL"): TAIL,
        (faststream_adapter, "KafkaBroker"): Broker,
        (faststream_adapter, "of_class"): lambda subscriber, _ours: subscriber,
        (process.Process, "_application"): lambda _self: SimpleNamespace(),
        (process, "install_loop"): lambda: None,
        (process, "gc"): SimpleNamespace(freeze=lambda: None, set_threshold=lambda *_: None),
        (Watchdog, "run"): _watch,
        (Replica, "at"): _held_by_each,
        (reader, "QuickReader"): lambda learnt, passed_over: _quick_reader(tuple(learnt), tuple(passed_over)),
        (relay, "POLL_SECONDS"): POLL_SECONDS,
        (workers, "_numbers"): count(1),
        (turns, "FEWEST"): FEWEST,
        (turns, "FIRST"): FEWEST,
        (turns, "MOST"): 2 * FEWEST,
        (shutdown, "end_process"): lambda: AT_WORK.get().stops_itself(),
    }
    with ExitStack() as replaced:
        for (where, name), what in {**instead, **broken}.items():
            replaced.enter_context(patch.object(where, name, what))
        yield
