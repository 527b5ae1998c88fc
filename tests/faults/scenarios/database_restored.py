"""A database is put back to what it was days before: restored from a backup, or a replica that had lagged.

What the service had stated since is on the bus, and its group has read further than the store knows. In the end every
store and every reader of the bus holds what they hold when nothing fails.
"""

import signal
from collections.abc import Iterable, Sequence

from schemas.services import SERVICES
from tests.faults.harness import Harness
from tests.faults.injection.recovery import Recovery
from tests.faults.judging.snapshot import snapshot
from tests.faults.processes.stack import TestStack
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.servers.backup import Backup
from tests.faults.servers.running_servers import KAFKA
from tests.faults.workload import SMALL, workload

TITLE = "databases restored from a backup, with services stopped and while they run"
BACKENDS = (KAFKA,)
DRAINED_WITHIN_SECONDS = 60
FULL = {"number": 100, "days_a_step": 1}


def rows(size: Size) -> Iterable[Row]:
    """Small: all databases at once, then three while everybody runs, over 6 cases; full: several times over 100."""
    cases, times, seed = (SMALL, 1, 7) if size == "small" else (FULL, 4, 17)
    some = ("treatment", "discharge", "followup")
    yield Row(f"all, services stopped, seed {seed}", seed, {**cases, "of": SERVICES, "stopped": True, "times": times})
    yield Row(f"some, while all run, seed {seed}", seed, {**cases, "of": some, "stopped": False, "times": times})
    if size == "full":
        for name in SERVICES:
            yield Row(f"{name}, while all run", seed, {**cases, "of": (name,), "stopped": False, "times": times})


async def run(harness: Harness, row: Row) -> Outcome:
    """A copy is taken, life goes on for a while, and the copy is put back; again and again.

    The first of two strikes takes the copy in the midst of work, the second puts it back in the midst of other work.
    """
    options = row.options
    given = workload(row.seed, options["number"], days_a_step=options["days_a_step"])
    await harness.undisturbed(given)
    recovery = Recovery(row.seed, 2 * options["times"], DRAINED_WITHIN_SECONDS)
    backup, stopped = Backup(harness.servers, options["of"]), options["stopped"]

    async def strike(stack: TestStack) -> None:
        async with recovery.all_stopped(stack):
            if recovery.faults % 2:
                await backup.take()
            elif not stopped:
                await backup.put_back()
        if stopped and not recovery.faults % 2:
            await stack.down(signal.SIGTERM)
            await backup.put_back()
            await stack.up()

    try:
        async with harness.stack(given) as stack:
            stack.limit_seconds = 2 * DRAINED_WITHIN_SECONDS
            await recovery.play(stack, strike)
            wrong = recovery.complaints + await harness.judge(given) + await _not_noticed(harness, options["of"])
            return Outcome(recovery.faults, recovery.in_flight, wrong, recovery.notes)
    finally:
        await backup.remove()


async def _not_noticed(harness: Harness, services: Sequence[str]) -> list[str]:
    """A run in which no store was found to have gone back has shown nothing."""
    left = await snapshot(harness.servers)
    return [] if any(left.services[name].epoch for name in services) else ["no store has begun an epoch"]
