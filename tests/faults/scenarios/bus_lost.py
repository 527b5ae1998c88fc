"""The bus loses all its data: the archives refill it, and publishers send again what nobody had judged yet."""

import signal
from collections.abc import Iterable

from afterward.stack.archives import republish
from tests.faults.harness import Harness
from tests.faults.injection.publisher import InsistentStack
from tests.faults.injection.recovery import Recovery
from tests.faults.processes.stack import TestStack
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.servers.running_servers import EMBEDDED, KAFKA
from tests.faults.workload import SMALL, workload

TITLE = "the bus lost with all its data, and refilled from the archives"
BACKENDS = (KAFKA, EMBEDDED)
DRAINED_WITHIN_SECONDS = 60


def rows(size: Size) -> Iterable[Row]:
    """Small: once, over 6 cases; full: five times over 100."""
    if size == "small":
        return [Row("seed 7", 7, {**SMALL, "times": 1})]
    return [Row("seed 13", 13, {"number": 100, "days_a_step": 1, "times": 5})]


async def run(harness: Harness, row: Row) -> Outcome:
    """As the runbook has it: services down, an empty bus with its topics, republish, services up, publishers again."""
    given = workload(row.seed, row.options["number"], days_a_step=row.options["days_a_step"])
    await harness.undisturbed(given)
    recovery = Recovery(row.seed, row.options["times"], DRAINED_WITHIN_SECONDS)

    async def lose(stack: TestStack) -> None:
        async with recovery.all_stopped(stack):
            stack.servers.bus.kill()
        await stack.down(signal.SIGTERM)
        await stack.servers.new_bus()
        for dsn in stack.servers.dsns.values():
            await republish(dsn)
        await stack.listen_anew()
        await stack.up()
        step = next(step for step in given.steps if step.at == stack.stack.now())
        await stack.stack.publish(step.records)

    async with harness.stack(given) as stack:
        stack.stack = InsistentStack(stack.data_dir, harness.backend)
        stack.limit_seconds = 2 * DRAINED_WITHIN_SECONDS
        await recovery.play(stack, lose)
        wrong = recovery.complaints + await harness.judge(given)
        return Outcome(recovery.faults, recovery.in_flight, wrong, recovery.notes)
