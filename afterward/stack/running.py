"""What a running stack leaves in its data directory for everybody else: `stack.json`, and the file of its clock."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from afterward.stack.process import runs
from chassis.clock import Timeline, timeline


class NotRunning(Exception):
    """There is no running stack in the data directory; the message says how to start one."""


@dataclass(frozen=True, slots=True)
class ServiceProcess:
    """A supervised service: its process, its own database, and where it tells of itself."""

    pid: int
    dsn: str
    health: str


@dataclass(frozen=True, slots=True)
class Running:
    """A running stack. `clock`: as it was asked for on the command line, or null for the real one.

    `delivery_workers`: processes beside the services, each with its service's database.
    """

    bootstrap_servers: str
    clock: str | None
    services: Mapping[str, ServiceProcess]
    bus: str
    supervisor: int
    delivery_workers: Mapping[str, ServiceProcess] = field(default_factory=dict)

    @property
    def processes(self) -> Mapping[str, ServiceProcess]:
        """All that is supervised, by name."""
        return {**self.services, **self.delivery_workers}

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
        """Written whole or not at all, and readable by its owner only: it holds the databases' passwords."""
        draft = stack_file(data_dir).with_suffix(".new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(self), file, indent=2)
        draft.replace(stack_file(data_dir))


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
