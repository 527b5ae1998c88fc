"""A second stack on the same bus, with databases of its own and the groups of the first: refused, and said.

Only Apache Kafka can show it: the embedded bus belongs to one stack.
"""

import secrets
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from afterward.stack.supervisor import aggregates_of
from chassis.store.migrate import migrate
from schemas.services import SERVICES
from tests.faults.harness import Harness
from tests.faults.injection.strangers import refused
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.servers.running_servers import KAFKA, Servers
from tests.faults.workload import SMALL, workload

TITLE = "two stacks on one bus: the second is refused, says so, and takes nothing away"
BACKENDS = (KAFKA,)


def rows(size: Size) -> Iterable[Row]:
    """Small: a second treatment, over a few cases; full: a second process of each service, over 60."""
    if size == "small":
        return [Row("seed 7, treatment", 7, {**SMALL, "services": ("treatment",)})]
    return [Row("seed 7, every service", 7, {"number": 60, "days_a_step": 1, "services": SERVICES})]


async def run(harness: Harness, row: Row) -> Outcome:
    """The second stack comes with the first records, and stays to the end; nothing comes into its databases."""
    given = workload(row.seed, row.options["number"], days_a_step=row.options["days_a_step"])
    await harness.undisturbed(given)
    second = {service: await _database(harness.servers, service) for service in row.options["services"]}
    try:
        async with harness.stack(given) as stack:
            names = [stack.beside(name, {"AFTERWARD_DATABASE_DSN": dsn}) for name, dsn in second.items()]
            emitted = [await refused(stack.members[name].health) for name in names]
            await stack.play()
            still = [await refused(stack.members[name].health) for name in names]
            wrong = await harness.judge(given)
            wrong += [f"the second {name} has judged something" for name, dsn in second.items() if await _judged(dsn)]
            return Outcome(len(names), len(still), wrong, {"said": emitted[0]})
    finally:
        await _drop(harness.servers, second)


async def _database(servers: Servers, service: str) -> str:
    """A second database of a service, migrated and empty; its DSN."""
    name = f"second_{service}_{secrets.token_hex(4)}"
    admin = await asyncpg.connect(servers.postgres.dsn())
    try:
        await admin.execute(f'CREATE DATABASE "{name}" OWNER "{service}_owner" TEMPLATE template0')
    finally:
        await admin.close()
    owner, dsn = (
        urlunsplit(urlsplit(one)._replace(path=f"/{name}")) for one in (servers.owners[service], servers.dsns[service])
    )
    await migrate(owner, service, aggregates_of(service))
    return dsn


async def _judged(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM state"))
    finally:
        await connection.close()


async def _drop(servers: Servers, second: Mapping[str, str]) -> None:
    admin = await asyncpg.connect(servers.postgres.dsn())
    try:
        for dsn in second.values():
            await admin.execute(f'DROP DATABASE IF EXISTS "{urlsplit(dsn).path[1:]}" WITH (FORCE)')
    finally:
        await admin.close()
