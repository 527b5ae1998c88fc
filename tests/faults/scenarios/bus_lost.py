"""The bus loses all its data: the archives refill it, and publishers send again what nobody had judged yet."""

import signal
from collections.abc import Iterable

from afterward.stack.archives import republish
from tests.faults.arena import Arena
from tests.faults.ground import EMBEDDED, KAFKA
from tests.faults.harness import Harness
from tests.faults.publisher import InsistentStack
from tests.faults.recovery import Recovery
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.workload import SMALL, workload

TITLE = "the bus lost with all its data, and refilled from the archives"
LANES = (KAFKA, EMBEDDED)
DRAINED_WITHIN_SECONDS = 60


def rows(size: Size) -> Iterable[Row]:
    """Small: once, over 6 cases; full: five times over 100."""
    if size == "small":
        return [Row("seed 7", 7, {**SMALL, "times": 1})]
    return [Row("seed 13", 13, {"number": 100, "days_a_step": 1, "times": 5})]


async def run(harness: Harness, row: Row) -> Outcome:
    """As the runbook has it: services down, an empty bus with its topics, republish, services up, publishers again."""
    told = workload(row.seed, row.options["number"], days_a_step=row.options["days_a_step"])
    await harness.undisturbed(told)
    recovery = Recovery(row.seed, row.options["times"], DRAINED_WITHIN_SECONDS)

    async def lose(arena: Arena) -> None:
        async with recovery.all_stopped(arena):
            arena.ground.bus.kill()
        await arena.down(signal.SIGTERM)
        await arena.ground.new_bus()
        for dsn in arena.ground.dsns.values():
            await republish(dsn)
        await arena.listen_anew()
        await arena.up()
        step = next(step for step in told.steps if step.at == arena.stack.now())
        await arena.stack.publish(step.records)

    async with harness.arena(told) as arena:
        arena.stack = InsistentStack(arena.data_dir, harness.lane)
        arena.limit_seconds = 2 * DRAINED_WITHIN_SECONDS
        await recovery.play(arena, lose)
        wrong = recovery.complaints + await harness.judge(told)
        return Outcome(recovery.faults, recovery.in_flight, wrong, recovery.notes)
