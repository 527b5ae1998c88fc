"""What a running stack leaves in its data directory for everybody else: `stack.json`, and the file of its clock."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from afterward.stack.process import runs
from chassis.bus_access import BusAccess
from chassis.clock import Timeline, timeline


class NotRunning(Exception):
    """There is no running stack in the data directory; the message says how to start one."""


@dataclass(frozen=True, slots=True)
class ServiceProcess:
    """A supervised service: its process, and the base URL at which it answers."""

    pid: int
    url: str

    @property
    def health(self) -> str:
        """Where it tells of its health."""
        return f"{self.url}/health"


@dataclass(frozen=True, slots=True)
class Running:
    """A running stack. `clock`: as it was asked for on the command line, or null for the real one.

    `services`: by the name of each process, which is its service's own for the first, and `<service>-<number>` for
    others. `delivery_workers`: processes beside the services. `kafka`: how the bus is reached beside its address, by
    the names of `BusAccess`; no secret, but the files of secrets.
    """

    bootstrap_servers: str
    clock: str | None
    services: Mapping[str, ServiceProcess]
    bus: str
    supervisor: int
    delivery_workers: Mapping[str, ServiceProcess] = field(default_factory=dict)
    kafka: Mapping[str, str] = field(default_factory=dict)

    @property
    def processes(self) -> Mapping[str, ServiceProcess]:
        """All that is supervised, by name."""
        return {**self.services, **self.delivery_workers}

    def addresses(self) -> dict[str, tuple[str, ...]]:
        """Service → the base URLs of its processes."""
        found: dict[str, tuple[str, ...]] = {}
        for name, process in self.services.items():
            found[service_of(name)] = (*found.get(service_of(name), ()), process.url)
        return found

    @property
    def bus_access(self) -> BusAccess:
        """How its bus is reached."""
        return access_of({"bootstrap_servers": self.bootstrap_servers, **self.kafka})

    @classmethod
    def load(cls, data_dir: Path) -> Self:
        """The stack that runs in `data_dir`. Raises NotRunning."""
        try:
            content: dict[str, Any] = json.loads(stack_file(data_dir).read_text())
        except FileNotFoundError:
            raise NotRunning(
                f"no stack runs in {data_dir}: start one with `afterward up --data-dir {data_dir}`"
            ) from None
        for part in ("services", "delivery_workers"):
            content[part] = {name: ServiceProcess(**process) for name, process in content.get(part, {}).items()}
        running = cls(**content)
        if not runs(running.supervisor):
            raise NotRunning(f"the stack in {data_dir} has ended without `afterward down`: run `afterward up` again")
        return running

    def save(self, data_dir: Path) -> None:
        """Written whole or not at all."""
        _write(stack_file(data_dir), asdict(self))


def process_name(service: str, number: int) -> str:
    """Of the process of a service with this number, from 1 on."""
    return service if number == 1 else f"{service}-{number}"


def service_of(name: str) -> str:
    """Whose process it is."""
    service, _, number = name.rpartition("-")
    return service if number.isdecimal() else name


def access_of(written: Mapping[str, str]) -> BusAccess:
    """An access as it was written down. Raises TypeError for a name that none of its fields has."""
    return BusAccess(**{name: Path(value) if name.endswith("_file") else value for name, value in written.items()})  # type: ignore[arg-type]


def written_of(bus: BusAccess) -> dict[str, str]:
    """An access as text, without its address and what is not set."""
    given = {one.name: getattr(bus, one.name) for one in fields(bus) if one.name != "bootstrap_servers"}
    return {name: str(value) for name, value in given.items() if value is not None}


def save_databases(data_dir: Path, dsns: Mapping[str, str]) -> None:
    """Where each service's database is, with its password: for the supervisor, backups and tests, no verb."""
    _write(_databases_file(data_dir), dict(dsns))


def databases(data_dir: Path) -> dict[str, str]:
    """Service → the DSN of its database, as its stack was last started. Raises FileNotFoundError before that."""
    found: dict[str, str] = json.loads(_databases_file(data_dir).read_text())
    return found


def _databases_file(data_dir: Path) -> Path:
    return data_dir / "databases.json"


def _write(file: Path, content: Mapping[str, Any]) -> None:
    """Whole or not at all, and readable by its owner only."""
    draft = file.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        json.dump(content, opened, indent=2)
    draft.replace(file)


def stack_file(data_dir: Path) -> Path:
    """Where a running stack says of itself what others need."""
    return data_dir / "stack.json"


def clock_file(data_dir: Path) -> Path:
    """Where a virtual clock keeps its steps."""
    return data_dir / "clock.json"


def stack_timeline(data_dir: Path) -> Timeline:
    """The time that the stack in `data_dir` lives by."""
    file = clock_file(data_dir)
    return timeline(file if file.exists() else None)
