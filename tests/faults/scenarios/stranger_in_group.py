"""A consumer of somebody else's uses a service's group: before the service is there, and while it is.

Only Apache Kafka can show it: the embedded bus is one machine's own, and never forgets how a group is shared out.
"""

import asyncio
import signal
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer

from chassis.clock import monotonic
from schemas.services import SERVICES
from tests.faults.harness import Harness
from tests.faults.injection.strangers import NotRefused, eat, in_the_empty_group, knock, refused
from tests.faults.processes.stack import ASK_AGAIN_SECONDS, LIMIT_SECONDS, TestStack
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.servers.running_servers import KAFKA
from tests.faults.workload import SMALL, Step, workload

TITLE = "a stranger in the group: refused while it is at work, and what it has read before is read all the same"
BACKENDS = (KAFKA,)
SESSION_TIMEOUT_MS = "2000"
"""A stranger is let in once the group has forgotten its members."""


def rows(size: Size) -> Iterable[Row]:
    """Small: treatment's group, over a few cases; full: each service's in turn, over 60."""
    if size == "small":
        return [Row("seed 7, treatment", 7, {**SMALL, "groups": ("treatment",)})]
    return [Row("seed 7, every group", 7, {"number": 60, "days_a_step": 1, "groups": SERVICES})]


async def run(harness: Harness, row: Row) -> Outcome:
    """In one step after the other with records, a stranger eats them first; in the steps between, it knocks."""
    given = workload(row.seed, row.options["number"], days_a_step=row.options["days_a_step"])
    await harness.undisturbed(given)
    strangers, groups = Strangers(), list(row.options["groups"])
    async with harness.stack(given, settings={"AFTERWARD_SESSION_TIMEOUT_MS": SESSION_TIMEOUT_MS}) as stack:
        for number, step in enumerate(given.steps):
            if groups and step.records and number % 2:
                service = groups.pop(0)
                if not await strangers.eat_first(stack, service, step):
                    groups.append(service)
            await stack.step(step if not strangers.has_published(step) else Step(step.at, ()), strangers.knock)
        wrong = strangers.let_in + await harness.judge(given)
        if groups:
            wrong.append(f"the workload has too few steps for a stranger that eats in the groups of {groups}")
        return Outcome(strangers.tried, strangers.hit, wrong, {"records eaten": strangers.eaten})


class Strangers:
    """`tried`: how many; `hit`: how many of them ate, or asked to join a group at work; `let_in`: who was."""

    def __init__(self) -> None:
        self.tried = self.hit = self.eaten = 0
        self.let_in: list[str] = []
        self._published: list[Step] = []

    def has_published(self, step: Step) -> bool:
        """Whether the records of this step are on the bus already."""
        return step in self._published

    async def eat_first(self, stack: TestStack, service: str, step: Step) -> bool:
        """The records come while a stranger alone is in the group; the service is refused until it goes.

        Whether the stranger found anything to eat: primary care has nothing to read before the first discharge.
        """
        await stack.show(step.at)
        await stack.down(signal.SIGTERM, service)
        async with in_the_empty_group(stack.servers.bus.bootstrap_servers, service) as stranger:
            await stack.stack.publish(step.records)
            self._published.append(step)
            eaten = await _eat_something(stranger)
            stack.start(service)
            await refused(stack.members[service].health)
        await stack.ready(service)
        self.tried += 1
        self.hit += bool(eaten)
        self.eaten += eaten
        return bool(eaten)

    async def knock(self, stack: TestStack) -> None:
        """One wants to be let in while the records of a step are in flight."""
        self.tried += 1
        try:
            await knock(stack.servers.bus.bootstrap_servers, "treatment")
            self.hit += 1
        except NotRefused as let_in:
            self.let_in.append(str(let_in))


async def _eat_something(stranger: AIOKafkaConsumer) -> int:
    """Eats once there is anything: some groups read only what other services make of the step; how much it was."""
    until = monotonic() + LIMIT_SECONDS
    while not (eaten := await eat(stranger)) and monotonic() < until:
        await asyncio.sleep(ASK_AGAIN_SECONDS)
    return eaten
