"""The services as operating-system processes: started, watched, and started again when one dies."""

import asyncio
import logging
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from afterward.stack.bus import Bus
from afterward.stack.ports import LOOPBACK, free_port
from afterward.stack.process import Daemon, ordinary_environment
from afterward.stack.running import ServiceProcess, service_of
from chassis.process.access_settings import variables

log = logging.getLogger("afterward.stack")

READY_SECONDS = 120
DELIVERY_WORKERS: Final = {"delivery-worker": "contact"}
"""Processes beside the services: name → whose database and topics they work with."""
_PREFIX = "service-"
"""Of what each process of a service, and each delivery worker, leaves in the data directory."""
RESTART_PAUSE_SECONDS = 1.0
SESSION_TIMEOUT_MS = 6_000
"""Short, so that a killed service has its partitions back soon; the group's other members are on the same machine."""


class ServiceDaemon:
    """One process of a service, or a delivery worker of one. `application`: the service's own unless named."""

    def __init__(
        self, name: str, data_dir: Path, environment: Mapping[str, str], application: str | None = None
    ) -> None:
        self.name = name
        self._application = application or f"services.{service_of(name)}.app:app"
        self._environment = environment
        self._daemon = Daemon(f"{_PREFIX}{name}", data_dir)
        self._last_pid: int | None = None

    @property
    def process(self) -> ServiceProcess:
        """Who and where it is, or was when it last ran: it may die at any moment. Raises LookupError before that."""
        self._last_pid = self._daemon.pid or self._last_pid
        if self._last_pid is None:
            raise LookupError(f"{self.name} has never run")
        return ServiceProcess(self._last_pid, self.url)

    @property
    def url(self) -> str:
        """Where it answers, whether it runs or not."""
        return f"http://{LOOPBACK}:{self._daemon.last_port}"

    @property
    def is_running(self) -> bool:
        """Whether its process exists."""
        return self._daemon.is_running

    def spawn(self) -> None:
        """Starts the process, at its last port when that is free."""
        port = free_port(preferred=self._daemon.last_port)
        where = ["--host", LOOPBACK, "--port", str(port)]
        command = [sys.executable, "-m", "faststream", "run", self._application, *where]
        self._daemon.spawn(command, port=port, env={**ordinary_environment(), **self._environment})
        self._last_pid = self._daemon.pid

    async def ready(self) -> None:
        """Returns once it has its partitions. Raises StartFailed."""
        await self._daemon.until(self._is_healthy, limit_seconds=READY_SECONDS)

    async def stop(self) -> None:
        """Ends it in order: what is being judged is committed first."""
        await self._daemon.stop()

    async def _is_healthy(self) -> bool:
        return await asyncio.to_thread(answers_healthy, f"{self.url}/health")


def begun_in(data_dir: Path) -> list[ServiceDaemon]:
    """Every process of a service, and every delivery worker, that was ever begun in a data directory."""
    names = (file.stem.removeprefix(_PREFIX) for file in sorted(data_dir.glob(f"{_PREFIX}*.pid")))
    return [ServiceDaemon(name, data_dir, {}) for name in names]


def answers_healthy(url: str) -> bool:
    """Whether a service answers that it is healthy."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def environment(
    bus: Bus, name: str, dsn: str, clock: Path | None, subscriptions: Path | None = None, *, alone: bool = True
) -> dict[str, str]:
    """The settings of a process of this stack. Everything is on one machine, so waits are short.

    `alone`: whether no other process has the same group.
    """
    settings = {
        "DATABASE_DSN": dsn,
        "PRODUCER_IDEMPOTENT": str(bus.idempotent),
        "SESSION_TIMEOUT_MS": str(SESSION_TIMEOUT_MS),
        "FETCH_MAX_WAIT_MS": str(bus.fetch_max_wait_ms),
        "WAKEUP_MARGIN_MS": "10",
        "WAKEUP_POLL_MS": "40",
    }
    if alone or bus.static_members:
        settings["GROUP_INSTANCE_ID"] = f"{name}-1" if service_of(name) == name else name
    if clock is not None:
        settings["CLOCK_FILE"] = str(clock)
    if subscriptions is not None:
        settings["SUBSCRIPTIONS_FILE"] = str(subscriptions)
    return variables(bus.access) | {f"AFTERWARD_{key}": value for key, value in settings.items()}
