"""PostgreSQL is killed and comes back: what was judged stays judged, and everybody goes on unaided."""

from collections.abc import Iterable

import psutil

from tests.faults.harness import Harness
from tests.faults.injection.recovery import Recovery, who_ended
from tests.faults.processes.stack import TestStack
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.servers.running_servers import EMBEDDED, KAFKA
from tests.faults.workload import SMALL, workload

TITLE = "kill -9 of PostgreSQL, and its restart"
BACKENDS = (KAFKA, EMBEDDED)
DRAINED_WITHIN_SECONDS = 30


def rows(size: Size) -> Iterable[Row]:
    """Small: 5 kills over 6 cases; full: 50 over 100."""
    if size == "small":
        return [Row("seed 7", 7, {**SMALL, "kills": 5})]
    return [Row("seed 11", 11, {"number": 100, "days_a_step": 1, "kills": 50})]


async def run(harness: Harness, row: Row) -> Outcome:
    """Every kill hits the server and all its sessions at once, with whatever they had not committed."""
    given = workload(row.seed, row.options["number"], days_a_step=row.options["days_a_step"])
    await harness.undisturbed(given)
    recovery = Recovery(row.seed, row.options["kills"], DRAINED_WITHIN_SECONDS)

    async def kill(stack: TestStack) -> None:
        async with recovery.all_stopped(stack):
            _kill_with_sessions(stack)
        await stack.servers.postgres.start()

    async with harness.stack(given) as stack:
        await recovery.play(stack, kill)
        wrong = recovery.complaints + who_ended(stack) + await harness.judge(given)
        return Outcome(recovery.faults, recovery.in_flight, wrong, recovery.notes)


def _kill_with_sessions(stack: TestStack) -> None:
    postgres = stack.servers.postgres
    assert postgres.pid is not None
    sessions = psutil.Process(postgres.pid).children()
    postgres.kill()
    for session in sessions:
        try:
            session.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(sessions, timeout=10)
