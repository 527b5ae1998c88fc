"""All doors locked: TLS and SCRAM to Kafka, TLS and passwords from files to PostgreSQL, changed while services die."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from itertools import cycle
from urllib.parse import unquote, urlsplit

from afterward.stack.kafka import Kafka
from afterward.stack.ports import LOOPBACK
from chassis.process.access_settings import database_variable, variables
from tests.certificates import Authority
from tests.faults.harness import Harness
from tests.faults.processes.in_flight import InFlight
from tests.faults.processes.stack import OfLife, TestStack
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.scenarios.kills import Killer
from tests.faults.servers.running_servers import KAFKA, Servers
from tests.faults.workload import SMALL, workload
from tests.secured import (
    ADMINISTRATORS,
    change_password,
    database_access,
    kafka_options,
    scram_access,
    secret_file,
)
from tests.tls_front import TlsFront

TITLE = "TLS, SCRAM and passwords from files, which are changed while services are killed"
BACKENDS = (KAFKA,)
REAUTHENTICATION_MS = "10000"
"""So often Kafka wants to know anew who somebody is."""


def rows(size: Size) -> Iterable[Row]:
    """Small: 6 kills and 2 passwords over a few cases; full: 50 kills and 10 passwords over 50 cases."""
    if size == "small":
        return [Row("seed 7", 7, {**SMALL, "kills": 6, "passwords": 2})]
    return [Row("seed 17", 17, {"number": 50, "days_a_step": 2, "kills": 50, "passwords": 10})]


async def run(harness: Harness, row: Row) -> Outcome:
    """Each step has its share of kills; in the first ones passwords are changed, and connections to databases cut."""
    given = workload(row.seed, row.options["number"], days_a_step=row.options["days_a_step"])
    await harness.undisturbed(given)
    killer = Killer(row.seed, row.options["kills"], sum(bool(step.records) for step in given.steps))
    async with (
        _locked(harness.servers) as locks,
        harness.stack(given, of_life=locks.of_life) as stack,
        InFlight(harness.servers) as pending,
    ):
        killer.pending = pending

        async def strike(stack: TestStack) -> None:
            if locks.changed.total() < row.options["passwords"]:
                await locks.change()
            await killer.strike(stack)

        for step in given.steps:
            await stack.step(step, strike if step.records else None)
        wrong = await harness.judge(given)
    unasked = [] if locks.front.handshakes else ["nobody came to the database over TLS"]
    notes = {"killed": dict(killer.killed), "changed": dict(locks.changed), "handshakes": locks.front.handshakes}
    return Outcome(killer.killed.total(), killer.in_flight, wrong + unasked, notes)


class _Locks:
    """How each service gets in. `changed`: how often whose password was changed."""

    def __init__(self, servers: Servers, kafka: Kafka, authority: Authority, front: TlsFront) -> None:
        self._servers, self._kafka, self._authority, self.front = servers, kafka, authority, front
        self._services = cycle(sorted(servers.dsns))
        self.changed: Counter[str] = Counter()
        self.of_life: Mapping[str, OfLife] = {name: self._life(name) for name in servers.dsns}

    def _life(self, service: str) -> OfLife:
        dsn = self._servers.dsns[service]
        database = database_access(self.front, self._authority, dsn, unquote(urlsplit(dsn).password or ""))
        named = {
            "dsn": database.dsn,
            "password_file": str(database.password_file),
            "ca_file": str(database.ca_file),
        }
        bus = scram_access(self._kafka, self._authority, service, _first(service))
        given = {**variables(bus), **{database_variable(field): value for field, value in named.items()}}
        return lambda _life: given

    async def change(self) -> None:
        """Gives the next service another password for Kafka, and cuts all connections to the databases."""
        service = next(self._services)
        self.changed[service] += 1
        password = f"{service}-{self.changed[service]}"
        await asyncio.to_thread(change_password, self._kafka, service, password)
        secret_file(self._authority.folder / f"{service}.password", password)
        self.front.cut()


@asynccontextmanager
async def _locked(servers: Servers) -> AsyncIterator[_Locks]:
    """The ground's servers, which ask everybody who he is; afterwards the plain ones again."""
    authority = Authority(servers.folder / "authority")
    kafka = Kafka(
        servers.folder,
        kafka_options(
            authority,
            {service: _first(service) for service in servers.dsns},
            superusers=";".join([ADMINISTRATORS, *(f"User:{service}" for service in servers.dsns)]),
            properties={"connections.max.reauth.ms": REAUTHENTICATION_MS},
        ),
    )
    front = TlsFront(servers.postgres.dsn(), authority.issue("postgres", LOOPBACK))
    front.start()
    await servers.bus.stop()
    servers.bus = kafka
    try:
        await servers.new_bus()  # users are known from the first start of a bus on
        yield _Locks(servers, kafka, authority, front)
    finally:
        front.stop()
        await kafka.stop()
        servers.bus = Kafka(servers.folder)
        await servers.new_bus()


def _first(service: str) -> str:
    return f"{service}-0"
