"""Every named crash window: each service dies at each point at its first, its second and its last hit."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from schemas.services import SERVICES
from tests.faults.harness import Harness
from tests.faults.injection.environment import dying_at
from tests.faults.injection.failpoints import ARMED, DIED, POINTS
from tests.faults.processes.stack import TestStack
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.servers.running_servers import EMBEDDED, KAFKA
from tests.faults.workload import SMALL, workload

TITLE = "crash windows, each at its first, second and last hit"
BACKENDS = (KAFKA, EMBEDDED)
HITS = 3
SOME = {"on_wake": ("followup", "bulletin", "consultation"), "after_refusal": ("treatment",)}
"""Points that not every service comes to: in this workload the clock alone changes nothing for the others, and only
treatment refuses something before the end. Nor can anybody tell which hit will be the last, so from the third on a
service dies at the first of every step."""
SHARED_OUT: Mapping[str, Mapping[str, str]] = {
    "one": {
        "intake": "after_parse",
        "treatment": "after_lock_and_load",
        "discharge": "before_commit",
        "followup": "on_wake",
        "bulletin": "after_commit",
        "consultation": "mid_publish",
    },
    "two": {
        "intake": "before_offset_commit",
        "treatment": "after_offset_commit",
        "discharge": "mid_publish",
        "followup": "after_publish",
        "bulletin": "mid_mark",
        "consultation": "on_wake",
    },
    "three": {
        "intake": "on_parking",
        "treatment": "after_publish",
        "discharge": "mid_mark",
        "followup": "before_commit",
        "bulletin": "on_wake",
        "consultation": "after_lock_and_load",
    },
}
"""Every point in three runs, each of these services dying at one of its own."""


def rows(size: Size) -> Iterable[Row]:
    """Small: each point in one service at least; full: every point in every service, over more cases and two seeds."""
    if size == "small":
        return [Row(name, 7, {"cases": SMALL, "points": points}) for name, points in SHARED_OUT.items()]
    cases = {"number": 24, "days_a_step": 2}
    return [
        Row(f"{point}, seed {seed}", seed, {"cases": cases, "points": dict.fromkeys(SOME.get(point, SERVICES), point)})
        for seed in (7, 8)
        for point in POINTS
    ]


async def run(harness: Harness, row: Row) -> Outcome:
    """The last hit: everything has been told but the ending, and the ending comes; of a wake-up see `SOME`."""
    given, points = workload(row.seed, **row.options["cases"]), row.options["points"]
    await harness.undisturbed(given)
    lives = {name: Lives(harness, name, point) for name, point in points.items()}
    async with harness.stack(given, of_life=lives) as stack:
        for step in given.steps[:-1]:
            for name in (name for name, point in points.items() if point in SOME):
                armed_by(harness, name).touch()
            await stack.step(step)
        wrong = [f"{name} did not die at the first two hits" for name in points if died(stack, name) < HITS - 1]
        for name in points:
            armed_by(harness, name).touch()
        await stack.step(given.steps[-1])
        wrong += [f"{name} did not die at the last hit" for name in points if died(stack, name) < HITS]
        deaths = {name: died(stack, name) for name in points}
        total = sum(deaths.values())
        return Outcome(total, total, wrong + await harness.judge(given), {"died": deaths})


class Lives:
    """A member's lives: the first dies at the first hit, the second at the second, later ones once they are armed."""

    def __init__(self, harness: Harness, name: str, point: str) -> None:
        self._armed_by, self._point = armed_by(harness, name), point
        self._armed_by.unlink(missing_ok=True)

    def __call__(self, life: int) -> Mapping[str, str]:
        return dying_at(self._point, life if life < HITS else ARMED, self._armed_by)


def died(stack: TestStack, name: str) -> int:
    """How many of a member's lives have ended at the point."""
    return stack.members[name].statuses.count(DIED)


def armed_by(harness: Harness, name: str) -> Path:
    """The file that arms a member's later lives."""
    return harness.servers.folder / f"armed-{name}"
