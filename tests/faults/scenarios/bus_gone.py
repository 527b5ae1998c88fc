"""Kafka is killed, stays away, and comes back with its data: nothing is lost, nothing is said in another order."""

import asyncio
from collections.abc import Iterable

from tests.faults.harness import Harness
from tests.faults.injection.publisher import InsistentStack
from tests.faults.injection.recovery import Recovery, who_ended
from tests.faults.processes.stack import TestStack
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.servers.running_servers import KAFKA
from tests.faults.workload import SMALL, workload

TITLE = "the bus killed, away for a while, then back"
BACKENDS = (KAFKA,)
DRAINED_WITHIN_SECONDS = 60


def rows(size: Size) -> Iterable[Row]:
    """Small: once for 10 s, over 6 cases; full: ten times for 60 s, over 100."""
    if size == "small":
        return [Row("seed 7", 7, {**SMALL, "times": 1, "seconds": 10})]
    return [Row("seed 12", 12, {"number": 100, "days_a_step": 1, "times": 10, "seconds": 60})]


async def run(harness: Harness, row: Row) -> Outcome:
    """Publishers send what was not acknowledged again; services wait, and drain once the bus is back."""
    given = workload(row.seed, row.options["number"], days_a_step=row.options["days_a_step"])
    await harness.undisturbed(given)
    recovery = Recovery(row.seed, row.options["times"], DRAINED_WITHIN_SECONDS)

    async def away(stack: TestStack) -> None:
        async with recovery.all_stopped(stack):
            stack.servers.bus.kill()
        await asyncio.sleep(row.options["seconds"])  # this is the fault, nothing is waited for
        await stack.servers.bus.start()

    async with harness.stack(given) as stack:
        stack.stack = InsistentStack(stack.data_dir, harness.backend)
        stack.limit_seconds = 2 * DRAINED_WITHIN_SECONDS
        await recovery.play(stack, away)
        wrong = recovery.complaints + who_ended(stack) + await harness.judge(given)
        return Outcome(recovery.faults, recovery.in_flight, wrong, recovery.notes)
