"""Rolling restart: every service is ended in order and started again, one after the other, while reports come in."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterable

from chassis.clock import monotonic
from schemas.services import SERVICES
from tests.faults.harness import Harness
from tests.faults.processes.in_flight import InFlight
from tests.faults.processes.stack import ASK_AGAIN_SECONDS, TestStack, as_coroutine
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.servers.running_servers import EMBEDDED, KAFKA
from tests.faults.workload import SMALL, Step, workload

TITLE = "rolling restart of all services under load"
BACKENDS = (KAFKA, EMBEDDED)
AT_WORK_SECONDS = 2.0
"""A service is ended while it works; for so long it is waited for that it does."""
IN_ORDER = (0, -signal.SIGTERM)
"""How a process ends that was asked to: by itself, or by the same signal once all is put in order."""


def rows(size: Size) -> Iterable[Row]:
    """Small: two rounds over a few cases; full: a round in each of the first 20 steps, over 60 cases."""
    if size == "small":
        yield Row("seed 7", 7, {**SMALL, "rounds": 2})
    else:
        yield Row("seed 7", 7, {"number": 60, "days_a_step": 1, "rounds": 20})


async def run(harness: Harness, row: Row) -> Outcome:
    """No publisher sees an error; nothing is missing in the end, and nothing is said twice."""
    given = workload(row.seed, row.options["number"], days_a_step=row.options["days_a_step"])
    await harness.undisturbed(given)
    async with harness.stack(given) as stack, InFlight(harness.servers) as pending:
        restarts = Restarts(pending)
        for number, step in enumerate(given.steps):
            if number < row.options["rounds"]:
                await restarts.during(stack, step)
            else:
                await stack.step(step)
        wrong = restarts.ended_badly + await harness.judge(given)
        notes = {"longest restart in seconds": round(restarts.longest_seconds, 2)}
        return Outcome(restarts.done, restarts.in_flight, wrong, notes)


class Restarts:
    """Rounds of restarts. `ended_badly`: what a member said by its exit status when it was asked to end."""

    def __init__(self, pending: InFlight) -> None:
        self._flight = pending
        self.done = self.in_flight = 0
        self.longest_seconds = 0.0
        self.ended_badly: list[str] = []

    async def during(
        self, stack: TestStack, step: Step, each: Callable[[TestStack, str], Awaitable[None]] | None = None
    ) -> None:
        """One round: a part of the step's records is published for each service, and meanwhile `each` is done to it.

        By default it is restarted. Raises what a publisher sees.
        """
        await stack.show(step.at)
        for number, service in enumerate(SERVICES):
            async with asyncio.TaskGroup() as both:
                both.create_task(stack.stack.publish(step.records[number :: len(SERVICES)]))
                both.create_task(as_coroutine((each or self.restart)(stack, service)))
        await stack.step(Step(step.at, ()))

    async def restart(self, stack: TestStack, name: str) -> None:
        """Ends a member in order while it works, and starts it again."""
        member = stack.members[name]
        self.done += 1
        self.in_flight += await self._works(member.service)
        began = monotonic()
        await stack.down(signal.SIGTERM, name)
        await stack.up(name)
        self.longest_seconds = max(self.longest_seconds, monotonic() - began)
        if member.statuses[-1] not in IN_ORDER:
            self.ended_badly.append(f"{name} ended with status {member.statuses[-1]} when it was asked to end")

    async def _works(self, service: str) -> bool:
        """Whether it has come to have work in flight; asked until it has, or until time is over."""
        deadline = monotonic() + AT_WORK_SECONDS
        while not (fake_engine := await self._flight.holds(service)) and monotonic() < deadline:
            await asyncio.sleep(ASK_AGAIN_SECONDS)
        return fake_engine
