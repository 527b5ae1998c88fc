"""kill -9 of any service at any moment: nothing lost, nothing twice."""

import asyncio
import signal
from collections import Counter
from collections.abc import Iterable
from random import Random

from chassis.clock import monotonic
from tests.faults.harness import Harness
from tests.faults.processes.in_flight import InFlight
from tests.faults.processes.stack import ASK_AGAIN_SECONDS, TestStack
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.servers.running_servers import EMBEDDED, KAFKA
from tests.faults.workload import SMALL, workload

TITLE = "random kill -9 of any service"
BACKENDS = (KAFKA, EMBEDDED)
PAUSE_SECONDS = 0.25
"""Between two kills passes a moment drawn from 0 to this: a killed service is back after about as long."""
AT_WORK_SECONDS = 0.5
"""For so long it is waited for that who is to be killed works: not everybody has something to do at any moment."""


def rows(size: Size) -> Iterable[Row]:
    """Small: 20 kills over a few cases; full: 1,000 kills in all over 200 cases and 3 seeds."""
    if size == "small":
        return [Row("seed 7", 7, {**SMALL, "kills": 20})]
    return [Row(f"seed {seed}", seed, {"number": 200, "days_a_step": 1, "kills": 334}) for seed in (7, 8, 9)]


async def run(harness: Harness, row: Row) -> Outcome:
    """Every step that has records has its share of the kills, each of a service that is alive, drawn from the seed."""
    given = workload(row.seed, row.options["number"], days_a_step=row.options["days_a_step"])
    await harness.undisturbed(given)
    killer = Killer(row.seed, row.options["kills"], sum(bool(step.records) for step in given.steps))
    async with harness.stack(given) as stack, InFlight(harness.servers) as pending:
        killer.pending = pending
        for step in given.steps:
            await stack.step(step, killer.strike if step.records else None)
        return Outcome(
            killer.killed.total(), killer.in_flight, await harness.judge(given), {"killed": dict(killer.killed)}
        )


class Killer:
    """Kills `kills` times in `steps` steps. `killed`: how often which service."""

    pending: InFlight

    def __init__(self, seed: int, kills: int, steps: int) -> None:
        self._chance = Random(f"kills/{seed}")
        self._kills, self._steps = kills, steps
        self.killed: Counter[str] = Counter()
        self.in_flight = 0

    async def strike(self, stack: TestStack) -> None:
        """The share of one step."""
        share = -(-(self._kills - self.killed.total()) // self._steps)
        self._steps -= 1
        for _ in range(share):
            await asyncio.sleep(self._chance.uniform(0, PAUSE_SECONDS))
            await self._kill(stack)

    async def _kill(self, stack: TestStack) -> None:
        await stack.until(lambda: any(member.is_alive for member in stack.members.values()))
        name = self._chance.choice(sorted(name for name, member in stack.members.items() if member.is_alive))
        member = stack.members[name]
        deadline = monotonic() + AT_WORK_SECONDS
        while not await self.pending.holds(member.service) and monotonic() < deadline:
            await asyncio.sleep(ASK_AGAIN_SECONDS)
        member.send(signal.SIGSTOP)  # it hangs at the very place at which it dies
        self.in_flight += await self.pending.holds(member.service)
        member.send(signal.SIGKILL)
        self.killed[member.service] += 1
