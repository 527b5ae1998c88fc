"""Starts a whole stack, keeps it running, and ends it: PostgreSQL, bus, databases, topics, then the services."""

import asyncio
import json
import logging
import os
import secrets
import shutil
import signal
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from afterward.stack.archives import republish
from afterward.stack.bus import Bus
from afterward.stack.external import ExternalBus
from afterward.stack.kafka import Kafka
from afterward.stack.lock import held, is_lock
from afterward.stack.plan import Plan
from afterward.stack.postgres import Postgres, ensure_databases
from afterward.stack.process import PRIVATE
from afterward.stack.revival import Revival
from afterward.stack.running import (
    Running,
    clock_file,
    process_name,
    save_databases,
    service_of,
    stack_file,
    written_of,
)
from afterward.stack.services import DELIVERY_WORKERS, RESTART_PAUSE_SECONDS, ServiceDaemon, begun_in, environment
from afterward.stack.tansu import Tansu
from afterward.stack.topics import TopicSpec, ensure_topics
from chassis.store.migrate import migrate
from chassis.store.rights import owner_of
from schemas.services import SERVICES
from schemas.topic import Topic
from schemas.topics import TOPICS

log = logging.getLogger("afterward.stack")

WATCH_SECONDS = 0.5
BUS_LOST = (
    "has died, and with it what no service had read yet: the embedded bus keeps nothing on disk. What was ever stated "
    "is said again from the archives"
)
Notify = Callable[[str], None]


class Supervisor:
    """One stack in one data directory."""

    def __init__(self, plan: Plan, notify: Notify) -> None:
        self.plan, self.notify = plan, notify
        self.bus: Bus = make_bus(plan)
        self.postgres = None if plan.postgres else Postgres(plan.data_dir)
        self.services: dict[str, ServiceDaemon] = {}
        self.delivery_workers: dict[str, ServiceDaemon] = {}
        self._postgres_again = Revival(Postgres.name, notify)
        self._unprepared = False
        """Servers run again, and services have not been started on them yet."""
        self._bus_again = Revival(self.bus.name, notify)

    async def run(self) -> None:
        """Starts everything, watches it until asked to end, and ends it. Raises StartFailed, BadOption."""
        os.umask(PRIVATE)
        with held(self.plan.data_dir):
            ended = asyncio.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, ended.set)
            living = asyncio.create_task(self._live())
            stopping = asyncio.create_task(ended.wait())
            try:
                await asyncio.wait({living, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if living.done():
                    await living
            finally:
                await self._end(living, stopping)

    async def _end(self, *tasks: asyncio.Task[Any]) -> None:
        """Nothing more is started: also what a thread was starting is there by then, and ended with the rest."""
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.get_running_loop().shutdown_default_executor()
        await self._stop()

    async def _live(self) -> None:
        await self._start()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            await self._look_after()

    async def _start(self) -> None:
        plan = self.plan
        await end_processes(plan.data_dir)
        if plan.fresh:
            empty(plan.data_dir)
        if plan.clock:
            plan.clock.begin(clock_file(plan.data_dir))
        self.notify(f"bus: {self.bus.name}")
        await asyncio.gather(self.bus.start(), *([self.postgres.start()] if self.postgres else []))
        await self._start_services(await self._prepare())
        self._save()
        self.notify(f"ready: {self.bus.bootstrap_servers}; {', '.join(self.services)}")

    async def _prepare(self) -> dict[str, str]:
        """Databases and topics as services need them, on servers that run; the DSN that each service runs with."""
        dsns = await self._databases()
        await ensure_topics(self.bus.bootstrap_servers, [topic_spec(topic) for topic in TOPICS])
        if isinstance(self.bus, Tansu):
            await self._refill(dsns)
        return dsns

    async def _databases(self) -> dict[str, str]:
        admin = self.plan.postgres or Postgres(self.plan.data_dir).dsn()
        self.notify("databases and migrations")
        roles = passwords(self.plan.data_dir, self.plan.services)
        dsns = await ensure_databases(admin, roles, ours=self.postgres is not None)
        save_databases(self.plan.data_dir, {name: both.service for name, both in dsns.items()})
        await asyncio.gather(*(migrate(both.owner, name, aggregates_of(name)) for name, both in dsns.items()))
        return {name: both.service for name, both in dsns.items()}

    async def _refill(self, dsns: dict[str, str]) -> None:
        """The embedded bus keeps nothing: the archives say again all that was ever said."""
        for dsn in dsns.values():
            await republish(dsn)

    async def _start_services(self, dsns: dict[str, str]) -> None:
        for service, dsn in dsns.items():
            for number in range(1, self.plan.processes.get(service, 1) + 1):
                name = process_name(service, number)
                self.services[name] = ServiceDaemon(name, self.plan.data_dir, self._environment(name, dsn))
        for name, service in DELIVERY_WORKERS.items():
            if service in dsns:
                settings, application = (
                    self._environment(name, dsns[service]),
                    f"services.{service}.{name.replace('-', '_')}_app:app",
                )
                self.delivery_workers[name] = ServiceDaemon(name, self.plan.data_dir, settings, application)
        self.notify(f"services: {', '.join(one.name for one in self._daemons)}")
        for daemon in self._daemons:
            daemon.spawn()
        await asyncio.gather(*(daemon.ready() for daemon in self._daemons))

    def _environment(self, name: str, dsn: str) -> dict[str, str]:
        clock, alone = clock_file(self.plan.data_dir), self.plan.processes.get(service_of(name), 1) == 1
        shown = clock if clock.exists() else None
        settings = environment(self.bus, name, dsn, shown, self.plan.subscriptions, alone=alone)
        return {**settings, "AFTERWARD_DISK_FOLDERS": os.pathsep.join(map(str, disks(self.plan.data_dir)))}

    @property
    def _daemons(self) -> list[ServiceDaemon]:
        return [*self.services.values(), *self.delivery_workers.values()]

    async def _look_after(self) -> None:
        """Servers first: a service without its database or its bus would only die again."""
        if self.postgres is not None and not self.postgres.is_running:
            await self._postgres_again.try_again(partial(self._revive_postgres, self.postgres))
        elif not self.bus.is_running or self._unprepared:
            await self._bus_again.try_again(self._revive_bus, BUS_LOST if isinstance(self.bus, Tansu) else "has died")
        elif dead := [daemon for daemon in self._daemons if not daemon.is_running]:
            await self._revive(dead)

    async def _revive_postgres(self, postgres: Postgres) -> None:
        """At its last port the services find it by themselves; at another they learn it by a new start."""
        before = postgres.dsn()
        await postgres.start()
        if postgres.dsn() != before:
            await self._start_services_again()

    async def _revive_bus(self) -> None:
        """One that keeps what it holds is found again by the services. The embedded one is another bus than before,
        empty, whose places mean nothing to those who read the old one: they begin with it, as at a start.
        """
        if isinstance(self.bus, Tansu):
            self._unprepared = True
            await self._stop_services()
        before = self.bus.bootstrap_servers
        await self.bus.start()
        if isinstance(self.bus, Tansu) or self.bus.bootstrap_servers != before:
            await self._start_services_again()

    async def _start_services_again(self) -> None:
        self._unprepared = True
        await self._stop_services()
        await self._start_services(await self._prepare())
        self._unprepared = False
        self._save()

    async def _stop_services(self) -> None:
        await asyncio.gather(*(daemon.stop() for daemon in self._daemons), return_exceptions=True)

    async def _revive(self, dead: list[ServiceDaemon]) -> None:
        for service in dead:
            self.notify(f"{service.name} has died; started again")
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
            delivery_workers={name: one.process for name, one in self.delivery_workers.items()},
            kafka=written_of(self.bus.access),
        ).save(self.plan.data_dir)

    async def _stop(self) -> None:
        stack_file(self.plan.data_dir).unlink(missing_ok=True)
        await self._stop_services()
        await asyncio.gather(
            self.bus.stop(), *([self.postgres.stop()] if self.postgres else []), return_exceptions=True
        )
        self.notify("down")


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


def aggregates_of(service: str) -> Any:
    """What a service judges, from its table of routes."""
    return import_module(f"services.{service}.routes").AGGREGATES


def disks(data_dir: Path) -> tuple[Path, ...]:
    """Where servers of ours keep their data, which may lie elsewhere than the data directory."""
    return data_dir, (data_dir / "postgres").resolve().parent


def passwords(data_dir: Path, services: Sequence[str] = SERVICES) -> dict[str, str]:
    """Each database role of these services → its password, made once and kept readable by the owner only."""
    roles = [role for service in services for role in (service, owner_of(service))]
    file = data_dir / "passwords.json"
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    missing = {name: secrets.token_urlsafe(24) for name in roles if name not in known}
    if missing:
        known |= missing
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
            json.dump(known, opened)
    return {name: known[name] for name in roles}


def forget(data_dir: Path) -> None:
    """Removes a data directory; the embedded PostgreSQL may keep its data elsewhere."""
    Postgres(data_dir).remove()
    shutil.rmtree(data_dir, ignore_errors=True)


def empty(data_dir: Path) -> None:
    """Removes all that a data directory holds, but the lock by which it is ours."""
    Postgres(data_dir).remove()
    for path in data_dir.iterdir():
        if is_lock(path):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


async def end_processes(data_dir: Path) -> list[str]:
    """Ends every process that a stack of this data directory has started, whoever supervised it; the names of those
    that still ran.
    """
    left = [daemon for daemon in begun_in(data_dir) if daemon.is_running]
    servers = [server for server in (Tansu(data_dir), Kafka(data_dir), Postgres(data_dir)) if server.is_running]
    for process in (*left, *servers):
        await process.stop()
    stack_file(data_dir).unlink(missing_ok=True)
    return [process.name for process in (*left, *servers)]
