"""From the last release to today's code and back: databases are migrated, processes replaced, while reports come in.

Two processes of each service share its work. All begin as the last release, on databases it made. Then, under load:

1. of each service: its database is migrated, and one process becomes today's, the other stays
2. both versions work side by side
3. the other one becomes today's
4. one of each goes back to the last release, on the migrated database
5. and becomes today's again

Where documents or tables have changed, the last release refuses the migrated database. Of such a service both processes
become today's at once, and neither goes back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence

from afterward.stack.supervisor import aggregates_of
from chassis.clock import monotonic
from chassis.store.migrate import migrate
from schemas.services import SERVICES
from tests.faults.harness import Harness
from tests.faults.processes.forkserver import Forkserver
from tests.faults.processes.in_flight import InFlight
from tests.faults.processes.older import OlderRelease
from tests.faults.processes.stack import TestStack
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.scenarios.rolling import Restarts
from tests.faults.servers.running_servers import EMBEDDED, KAFKA
from tests.faults.workload import SMALL, Step, workload
from tests.journeys.stack import Sent

TITLE = "every service from the last release to today's code and back, one process after the other, under load"
BACKENDS = (KAFKA, EMBEDDED)
BATCHES_A_SECOND = 10
LIMIT_SECONDS = 600
"""Until all of a round, thousands of reports, is judged by processes that share two cores with 20 others."""
FIRST, SECOND = "first", "second"
MEMBERS = {f"{service}-{which}": service for service in SERVICES for which in (FIRST, SECOND)}


def rows(size: Size) -> Iterable[Row]:
    """Small: a few cases; full: so many that every round is under a load of 200 reports a second."""
    if size == "small":
        yield Row("seed 7", 7, {**SMALL, "a_second": None})
    else:
        yield Row("200 reports a second", 7, {"number": 400, "days_a_step": 7, "a_second": 200})


async def run(harness: Harness, row: Row) -> Outcome:
    """No publisher sees an error, nothing is missing in the end, nothing is done twice. Raises NotInThisClone."""
    given = workload(row.seed, row.options["number"], days_a_step=row.options["days_a_step"])
    await harness.undisturbed(given)
    older, its_forkserver = await asyncio.to_thread(harness.older)
    await harness.servers.forget_schemas()
    await asyncio.to_thread(older.migrate, harness.servers.owners)
    began = monotonic()
    async with (
        harness.stack(given, members=MEMBERS, fresh_bus=True, begins_with=its_forkserver) as stack,
        InFlight(harness.servers) as pending,
    ):
        stack.limit_seconds = LIMIT_SECONDS
        upgrade = Upgrade(harness, older, its_forkserver, Restarts(pending), row.options["a_second"])
        steps = iter(given.steps)
        await upgrade.there_and_back(stack, steps)
        for step in steps:
            await stack.step(step)
        wrong = upgrade.restarts.ended_badly + upgrade.wrong + await harness.judge(given)
        restarts = upgrade.restarts
        notes = {
            "from": f"{older.release.version} ({older.commit[:12]})",
            "migrations applied": upgrade.migrations,
            "handed over": sorted(upgrade.refused),
            "records": given.records,
            "seconds": round(monotonic() - began, 1),
            "reports a second in each round": upgrade.reports_a_second,
            "longest restart in seconds": round(restarts.longest_seconds, 2),
        }
        return Outcome(restarts.done, restarts.in_flight, wrong, notes)


class Upgrade:
    """The rounds. `refused`: services whose migrated database the last release refuses, and how it says so.

    `a_second`: reports; None: a part of them with each service, as fast as they go.
    """

    def __init__(
        self, harness: Harness, older: OlderRelease, its: Forkserver, restarts: Restarts, a_second: int | None
    ) -> None:
        self._servers, self._older, self._its_forkserver = harness.servers, older, its
        self.restarts, self._a_second = restarts, a_second
        self.reports_a_second: list[int] = []
        self.refused: dict[str, str] = {}
        self.migrations: list[str] = []
        self.wrong: list[str] = []

    async def there_and_back(self, stack: TestStack, steps: Iterator[Step]) -> None:
        """Rounds 1 to 5, each in a step of its own, from the second on: in the first hardly anybody has come."""
        await stack.step(next(steps))
        await self._round(stack, next(steps), self._migrate_and_replace_one)
        await stack.step(next(steps))
        await self._round(stack, next(steps), self._replace_the_other)
        await self._round(stack, next(steps), self._put_one_back)
        await self._round(stack, next(steps), self._replace_the_first)
        if old := [name for name, member in stack.members.items() if member.forkserver is not None]:
            self.wrong.append(f"still of the last release: {', '.join(old)}")

    async def _round(self, stack: TestStack, step: Step, each: Callable[[TestStack, str], Awaitable[None]]) -> None:
        if self._a_second is None:
            await self.restarts.during(stack, step, each)
            return
        await stack.show(step.at)
        publishing = asyncio.create_task(self._publish(stack, step.records, self._a_second))
        for service in SERVICES:
            await each(stack, service)
        await publishing
        await stack.step(Step(step.at, ()))

    async def _publish(self, stack: TestStack, records: Sequence[Sent], a_second: int) -> None:
        """All of these in their order, so many a second. Raises what a publisher sees."""
        began, at_once = monotonic(), a_second // BATCHES_A_SECOND
        async with stack.stack.publishing() as publish:
            for first in range(0, len(records), at_once):
                await asyncio.sleep(began + first / a_second - monotonic())
                await publish(records[first : first + at_once])
        self.reports_a_second.append(round(len(records) / (monotonic() - began)))

    async def _migrate_and_replace_one(self, stack: TestStack, service: str) -> None:
        self.migrations += await migrate(self._servers.owners[service], service, aggregates_of(service))
        refusals = await asyncio.to_thread(self._older.refusals, {service: self._servers.dsns[service]})
        self.refused |= refusals
        self.wrong += [f"{service}: {why}" for why in refusals.values() if "older than its database" not in why]
        if refusals:
            stack.members[f"{service}-{SECOND}"].keep = False  # it has been refused, and would be again
            await self._become(stack, f"{service}-{SECOND}", None)
        await self._become(stack, f"{service}-{FIRST}", None)

    async def _replace_the_first(self, stack: TestStack, service: str) -> None:
        if service not in self.refused:
            await self._become(stack, f"{service}-{FIRST}", None)

    async def _replace_the_other(self, stack: TestStack, service: str) -> None:
        if service not in self.refused:
            await self._become(stack, f"{service}-{SECOND}", None)

    async def _put_one_back(self, stack: TestStack, service: str) -> None:
        if service not in self.refused:
            await self._become(stack, f"{service}-{FIRST}", self._its_forkserver)

    async def _become(self, stack: TestStack, name: str, whose: Forkserver | None) -> None:
        """The member's next life has this code."""
        stack.members[name].forkserver = whose
        await self.restarts.restart(stack, name)
