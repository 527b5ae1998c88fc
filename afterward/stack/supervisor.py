"""Starts a whole stack, keeps it running, and ends it: PostgreSQL, bus, databases, topics, then the services."""

import asyncio
import contextlib
import json
import logging
import os
import secrets
import shutil
import signal
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from afterward.stack.archives import republish
from afterward.stack.bus import Bus
from afterward.stack.external import ExternalBus
from afterward.stack.kafka import Kafka
from afterward.stack.plan import Plan
from afterward.stack.postgres import Postgres, ensure_databases
from afterward.stack.running import NotRunning, Running, clock_file, stack_file
from afterward.stack.services import COURIERS, RESTART_PAUSE_SECONDS, ServiceDaemon, environment
from afterward.stack.tansu import Tansu
from afterward.stack.topics import TopicSpec, ensure_topics
from chassis.migrate import migrate
from schemas.topics import EVERY_SERVICE, SERVICES, TOPICS, Topic

log = logging.getLogger("afterward.stack")

WATCH_SECONDS = 0.5
Tell = Callable[[str], None]


class Supervisor:
    """One stack in one data directory."""

    def __init__(self, plan: Plan, tell: Tell) -> None:
        self.plan, self.tell = plan, tell
        self.bus: Bus = make_bus(plan)
        self.postgres = None if plan.postgres else Postgres(plan.data_dir)
        self.services: dict[str, ServiceDaemon] = {}
        self.couriers: dict[str, ServiceDaemon] = {}

    async def run(self) -> None:
        """Starts everything, watches it until asked to end, and ends it. Raises StartFailed, BadOption."""
        ended = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        try:
            starting = asyncio.create_task(self._start())
            stopping = asyncio.create_task(ended.wait())
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                starting.cancel()
                return
            await starting
            await self._watch(ended)
        finally:
            await self._stop()

    async def _start(self) -> None:
        plan = self.plan
        await end_leftovers(plan.data_dir)
        if plan.fresh:
            forget(plan.data_dir)
        plan.data_dir.mkdir(parents=True, exist_ok=True)
        if plan.clock:
            plan.clock.begin(clock_file(plan.data_dir))
        self.tell(f"bus: {self.bus.name}")
        await asyncio.gather(self.bus.start(), *([self.postgres.start()] if self.postgres else []))
        dsns = await self._databases()
        await ensure_topics(self.bus.bootstrap_servers, [topic_spec(topic) for topic in TOPICS])
        if isinstance(self.bus, Tansu):
            await self._refill(dsns)
        await self._start_services(dsns)
        self._save()
        self.tell(f"ready: {self.bus.bootstrap_servers}; {', '.join(self.services)}")

    async def _databases(self) -> dict[str, str]:
        admin = self.plan.postgres or Postgres(self.plan.data_dir).dsn()
        self.tell("databases and migrations")
        dsns = await ensure_databases(admin, passwords(self.plan.data_dir, self.plan.services))
        await asyncio.gather(*(migrate(dsn, name, kinds_of(name)) for name, dsn in dsns.items()))
        return dsns

    async def _refill(self, dsns: dict[str, str]) -> None:
        """The embedded bus keeps nothing: the archives say again all that was ever said."""
        for dsn in dsns.values():
            await republish(dsn)

    async def _start_services(self, dsns: dict[str, str]) -> None:
        for name, dsn in dsns.items():
            self.services[name] = ServiceDaemon(name, self.plan.data_dir, dsn, self._environment(name, dsn))
        for name, service in COURIERS.items():
            if service in dsns:
                settings, application = self._environment(name, dsns[service]), f"services.{service}.{name}:app"
                self.couriers[name] = ServiceDaemon(name, self.plan.data_dir, dsns[service], settings, application)
        self.tell(f"services: {', '.join(one.name for one in self._daemons)}")
        for daemon in self._daemons:
            daemon.spawn()
        await asyncio.gather(*(daemon.ready() for daemon in self._daemons))

    def _environment(self, name: str, dsn: str) -> dict[str, str]:
        clock = clock_file(self.plan.data_dir)
        return environment(self.bus, name, dsn, clock if clock.exists() else None, self.plan.subscriptions)

    @property
    def _daemons(self) -> list[ServiceDaemon]:
        return [*self.services.values(), *self.couriers.values()]

    async def _watch(self, ended: asyncio.Event) -> None:
        while not ended.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), WATCH_SECONDS)
            dead = [daemon for daemon in self._daemons if not daemon.is_running]
            if dead and not ended.is_set():
                await self._revive(dead)

    async def _revive(self, dead: list[ServiceDaemon]) -> None:
        for service in dead:
            self.tell(f"{service.name} has died; started again")
            service.spawn()
        self._save()
        await asyncio.sleep(RESTART_PAUSE_SECONDS)

    def _save(self) -> None:
        Running(
            bootstrap_servers=self.bus.bootstrap_servers,
            clock=self.plan.clock.asked if self.plan.clock else None,
            services={name: service.process for name, service in self.services.items()},
            bus=self.bus.name,
            supervisor=os.getpid(),
            couriers={name: courier.process for name, courier in self.couriers.items()},
        ).save(self.plan.data_dir)

    async def _stop(self) -> None:
        stack_file(self.plan.data_dir).unlink(missing_ok=True)
        await asyncio.gather(*(daemon.stop() for daemon in self._daemons), return_exceptions=True)
        await asyncio.gather(
            self.bus.stop(), *([self.postgres.stop()] if self.postgres else []), return_exceptions=True
        )
        self.tell("down")


def make_bus(plan: Plan) -> Bus:
    """The bus that was asked for."""
    if plan.bus == "embedded":
        return Tansu(plan.data_dir)
    if plan.bus == "apache-kafka":
        return Kafka(plan.data_dir)
    return ExternalBus(plan.bus)


def topic_spec(topic: Topic) -> TopicSpec:
    """The topic as the broker is asked for it."""
    return TopicSpec(topic.name, topic.partitions, topic.config)


def kinds_of(service: str) -> Any:
    """What a service judges, from its table of routes."""
    return import_module(f"services.{service}.routes").KINDS


def passwords(data_dir: Path, services: Sequence[str] = SERVICES) -> dict[str, str]:
    """Each of these services → the password of its database role, made once and kept readable by the owner only."""
    file = data_dir / "passwords.json"
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    missing = {name: secrets.token_urlsafe(24) for name in services if name not in known}
    if missing:
        known |= missing
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
            json.dump(known, opened)
    return {name: known[name] for name in services}


def forget(data_dir: Path) -> None:
    """Empties a data directory; the embedded PostgreSQL may keep its data elsewhere."""
    Postgres(data_dir).remove()
    shutil.rmtree(data_dir, ignore_errors=True)


async def end_leftovers(data_dir: Path) -> None:
    """Ends what a stack that was killed has left running. Raises AlreadyRunning when one is supervised."""
    refuse_second(data_dir)
    await end_processes(data_dir)


def refuse_second(data_dir: Path) -> None:
    """One data directory is one stack. Raises AlreadyRunning when one is supervised there."""
    with contextlib.suppress(NotRunning):
        supervisor = Running.load(data_dir).supervisor
        raise AlreadyRunning(f"a stack runs in {data_dir} already (process {supervisor}): `afterward down` ends it")


async def end_processes(data_dir: Path) -> None:
    """Ends every process that a stack of this data directory has started, whoever supervised it."""
    for name in (*EVERY_SERVICE, *COURIERS):
        await ServiceDaemon(name, data_dir, "", {}).stop()
    for server in (Tansu(data_dir), Kafka(data_dir), Postgres(data_dir)):
        if server.is_running:
            await server.stop()
    stack_file(data_dir).unlink(missing_ok=True)


class AlreadyRunning(Exception):
    """A stack runs in this data directory; the message says how to end it."""
