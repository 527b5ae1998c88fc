"""An idle stack: what all services, an embedded bus and PostgreSQL cost while nothing is reported."""

import asyncio
from collections.abc import Mapping
from typing import Any

from afterward.cli.stack import start_detached, supervisor_daemon, take_down
from afterward.context.idle import wait_until_idle
from afterward.context.target import local
from afterward.stack.plan import Plan
from afterward.stack.supervisor import forget
from bench.frame import Bench, median
from bench.machine import Reading, Spent

TITLE = "An idle stack"
SECONDS = 30


async def run(bench: Bench) -> Mapping[str, Any]:
    """The section `idle`."""
    plan = Plan(bench.folder / "stack")
    try:
        await start_detached(plan)
        await wait_until_idle(local(plan.data_dir))
        supervisor = supervisor_daemon(plan.data_dir).pid
        if supervisor is None:
            raise LookupError("the stack has ended")
        runs = [await _idle(supervisor) for _ in range(bench.options.repeat)]
    finally:
        await take_down(plan.data_dir)
        forget(plan.data_dir)
    bench.show(
        f"All services embedded, nothing reported for {SECONDS} s",
        ["run", "% of a core", "waited, s", "machine"],
        [(number, 100 * run.cores, run.used["stack"].waited, run.words) for number, run in enumerate(runs, start=1)],
    )
    return {
        "idle": {
            "seconds": SECONDS,
            "percent_of_a_core": median(100 * run.cores for run in runs),
            "percent_of_a_core_runs": [round(100 * run.cores, 1) for run in runs],
            "quiet": all(run.quiet for run in runs),
        }
    }


async def _idle(supervisor: int) -> Spent:
    """Of the supervisor and all that it has started."""
    begun = Reading.now({"stack": [supervisor]})
    await asyncio.sleep(SECONDS)
    return Spent.between(begun, Reading.now({"stack": [supervisor]}))
