"""What a verb talks to: the addresses of services, how to speak to them, the bus, and the clock they live by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from afterward.stack.running import Running, clock_file
from afterward.stack.services import DELIVERY_WORKERS
from chassis.bus_access import BusAccess
from chassis.clock import Timeline, VirtualTime, timeline

OPERATIONS = "HOPERAT"
"""Why whoever runs a stack on their own machine reads a case: HL7's PurposeOfUse for running a hospital."""

Addresses = Mapping[str, tuple[str, ...]]
"""Name → the base URLs of its replicas."""


class NotThere(Exception):
    """A target has not what a verb needs; the message says what, and what to do."""


@dataclass(frozen=True, slots=True)
class HttpAccess:
    """Who asks services over HTTP, and which certificate authority theirs are of; files are read when they are needed.

    `purpose`: an HL7 PurposeOfUse code, said of each case that is read unless the verb says another.
    """

    token_file: Path | None = None
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Where questions go. `name`: for people. `data_dir`: of a stack on this machine, else None.

    `clock_file`: of a virtual clock that the services share with whoever asks; None: the real one.
    `clock`: that clock as it was asked for, for people.
    """

    name: str
    services: Addresses
    http: HttpAccess
    kafka: BusAccess | None
    bus_name: str
    delivery_workers: Addresses = field(default_factory=dict)
    clock_file: Path | None = None
    clock: str | None = None
    data_dir: Path | None = None

    @property
    def processes(self) -> Addresses:
        """All that tells of its health, by name."""
        return {**self.services, **self.delivery_workers}

    @property
    def bus(self) -> BusAccess:
        """How to reach the bus. Raises NotThere, AccessUnusable."""
        if self.kafka is None:
            raise NotThere(f"{self.name} has no [kafka]: add its bootstrap_servers, and `afterward context add` again")
        self.kafka.check(lambda field: f"{self.name}, [kafka] {field}")
        return self.kafka

    @property
    def timeline(self) -> Timeline:
        """The time that the target lives by."""
        return timeline(self.clock_file)

    @property
    def virtual_clock(self) -> VirtualTime:
        """The clock by which stories are told. Raises NotThere."""
        if self.clock_file is None:
            raise NotThere(f"{self.name} lives by the real clock: a story needs a clock_file that its services share")
        return VirtualTime(self.clock_file)

    def replicas(self, service: str) -> tuple[str, ...]:
        """The addresses of a service. Raises NotThere."""
        if service not in self.services:
            raise NotThere(f"no service {service}; there are {', '.join(self.services)}")
        return self.services[service]

    def again(self) -> "Target":
        """The target as it is now: a process that was started again may listen elsewhere. Raises NotRunning."""
        return self if self.data_dir is None else local(self.data_dir)


def local(data_dir: Path) -> Target:
    """The stack that runs in a data directory of this machine. Raises NotRunning."""
    running = Running.load(data_dir)
    clock = clock_file(data_dir)
    return Target(
        name=f"the stack in {data_dir}",
        services=running.addresses(),
        delivery_workers={name: (process.url,) for name, process in running.delivery_workers.items()},
        http=HttpAccess(purpose=OPERATIONS),
        kafka=running.bus_access,
        bus_name=running.bus,
        clock_file=clock if clock.exists() else None,
        clock=running.clock,
        data_dir=data_dir,
    )


def is_delivery_worker(name: str) -> bool:
    """Whether it is a process beside the services, which tells of its health and answers no questions."""
    return name in DELIVERY_WORKERS
