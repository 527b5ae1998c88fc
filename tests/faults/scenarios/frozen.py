"""A service that stands still ends itself, is started again, and nobody can tell from what it says."""

import signal
from collections.abc import Iterable, Mapping, Sequence

from chassis.clock import monotonic
from chassis.process.shutdown import FROZEN
from schemas.services import SERVICES
from tests.faults.harness import Harness
from tests.faults.injection.pausing import LOOP, RELAY, WORKER, Pauses
from tests.faults.processes.stack import TestStack
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.servers.running_servers import EMBEDDED, KAFKA
from tests.faults.workload import SMALL, workload

TITLE = "a worker that never returns, an event loop that blocks, a relay that never sends"
BACKENDS = (KAFKA, EMBEDDED)
STANDING_STILL_SECONDS = 2
Group = Sequence[tuple[str, str]]
"""(service, how it freezes), at the same time."""
EVERY: Group = (("intake", WORKER), ("treatment", LOOP), ("discharge", RELAY))
NEVER: Group = (("directory", RELAY),)
"""It says nothing after the institutions, which all know before the first step."""
_IN_ORDER = (0, -signal.SIGTERM, FROZEN)
ENDS_WITH: Mapping[str, Sequence[int]] = {WORKER: _IN_ORDER, RELAY: _IN_ORDER, LOOP: (FROZEN,)}
"""How the watchdog ends what stands still: asked to end, it does so in order, or is ended in the end; a loop that does
not turn cannot be asked."""


def rows(size: Size) -> Iterable[Row]:
    """Small: each at once, in three services; full: each in every service in turn."""
    if size == "small":
        return [Row("seed 7", 7, {**SMALL, "groups": [EVERY]})]
    every = [(service, point) for service in SERVICES for point in (WORKER, LOOP, RELAY)]
    groups = [[place] for place in every if place not in NEVER]
    return [Row("seed 14", 14, {"number": 50, "days_a_step": 1, "groups": groups})]


async def run(harness: Harness, row: Row) -> Outcome:
    """Whoever is asked for freezes at its next batch; a step is quiet only when it has ended and is back."""
    given = workload(row.seed, row.options["number"], days_a_step=row.options["days_a_step"])
    await harness.undisturbed(given)
    freezer = Freezer(Pauses(harness.servers.folder / "holds"), row.options["groups"])
    settings = {**freezer.holds.settings, "AFTERWARD_STANDING_STILL_SECONDS": str(STANDING_STILL_SECONDS)}
    async with harness.stack(given, settings=settings) as stack:
        for step in given.steps:
            freezer.ask()
            await stack.step(step)
            freezer.note(stack)
        wrong = freezer.complaints + await harness.judge(given)
        return Outcome(freezer.faults, freezer.frozen, wrong, {"ended with": freezer.ended, "seconds": freezer.seconds})


class Freezer:
    """Asks for one group after the other; who has nothing to do in a step freezes in a later one, after the others.

    `ended`: what froze → the exit status with which it ended itself.
    """

    def __init__(self, holds: Pauses, groups: Sequence[Group]) -> None:
        self.holds = holds
        self._groups = [list(group) for group in groups]
        self.faults = sum(len(group) for group in groups)
        self.ended: dict[str, int] = {}
        self.seconds: list[float] = []
        self._asked_at = 0.0
        self._lives: dict[str, int] = {}
        self._wrong: list[str] = []

    @property
    def frozen(self) -> int:
        """How many have been frozen so far."""
        return self.faults - sum(len(group) for group in self._groups)

    @property
    def complaints(self) -> list[str]:
        """Who did not end itself, or not as the watchdog ends it; and who was never frozen."""
        return self._wrong + [f"{service} never froze ({point})" for group in self._groups for service, point in group]

    def ask(self) -> None:
        """What is left of the first group that is not done."""
        self._groups = [group for group in self._groups if group]
        for service, point in self._groups[0] if self._groups else ():
            self.holds.ask(service, point)
        self._asked_at = monotonic()

    def note(self, stack: TestStack) -> None:
        """Who was frozen in the step that has come to its end, and how it got out of that."""
        if not self._groups:
            return
        group = self._groups.pop(0)
        for service, point in list(group):
            if not self.holds.asked(service, point):
                group.remove((service, point))
                self._note_end(service, point, stack)
            self.holds.forgo(service, point)
        self._groups.append(group)

    def _note_end(self, service: str, point: str, stack: TestStack) -> None:
        statuses = stack.members[service].statuses
        if len(statuses) == self._lives.get(service, 0):
            self._wrong.append(f"{service} froze ({point}) and did not end itself")
            return
        if statuses[-1] not in ENDS_WITH[point]:
            self._wrong.append(f"{service} froze ({point}) and ended with status {statuses[-1]}")
        self._lives[service] = len(statuses)
        self.ended[f"{service} {point}"] = statuses[-1]
        self.seconds.append(round(monotonic() - self._asked_at, 1))
