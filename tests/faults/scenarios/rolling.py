"""Rolling restart: every service is ended in order and started again, one after the other, while reports come in."""

import asyncio
import signal
from collections.abc import Iterable, Sequence

from chassis.clock import monotonic
from schemas.topics import SERVICES
from tests.faults.arena import Arena
from tests.faults.flight import Flight
from tests.faults.ground import EMBEDDED, KAFKA
from tests.faults.harness import Harness
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.workload import SMALL, Step, workload
from tests.journeys.stack import Sent

TITLE = "rolling restart of all services under load"
LANES = (KAFKA, EMBEDDED)
AT_ONCE = 10
"""Records that a publisher sends at once; after each lot it rests for PACE_SECONDS."""
PACE_SECONDS = 0.05


def rows(size: Size) -> Iterable[Row]:
    """Small: two rounds over a few cases; full: a round in each of the first 20 steps, over 60 cases."""
    if size == "small":
        yield Row("seed 7", 7, {**SMALL, "rounds": 2})
    else:
        yield Row("seed 7", 7, {"number": 60, "days_a_step": 1, "rounds": 20})


async def run(harness: Harness, row: Row) -> Outcome:
    """No publisher sees an error; nothing is missing in the end, and nothing is said twice."""
    told = workload(row.seed, row.options["number"], days_a_step=row.options["days_a_step"])
    await harness.undisturbed(told)
    async with harness.arena(told) as arena, Flight(harness.ground) as flight:
        restarts = Restarts(flight)
        for number, step in enumerate(told.steps):
            if number < row.options["rounds"]:
                await restarts.during(arena, step)
            else:
                await arena.step(step)
        wrong = restarts.ended_badly + await harness.judge(told)
        notes = {"longest restart in seconds": round(restarts.longest_seconds, 2)}
        return Outcome(restarts.done, restarts.in_flight, wrong, notes)


class Restarts:
    """Rounds of restarts. `ended_badly`: what a service said by its exit status when it was asked to end."""

    def __init__(self, flight: Flight) -> None:
        self._flight = flight
        self.done = self.in_flight = 0
        self.longest_seconds = 0.0
        self.ended_badly: list[str] = []

    async def during(self, arena: Arena, step: Step) -> None:
        """One round, while the records of a step are published bit by bit. Raises what a publisher sees."""
        await arena.show(step.at)
        async with asyncio.TaskGroup() as both:
            both.create_task(_publish(arena, step.records))
            both.create_task(self._round(arena))
        await arena.step(Step(step.at, ()))

    async def _round(self, arena: Arena) -> None:
        for service in SERVICES:
            self.done += 1
            self.in_flight += await self._flight.holds(service)
            began = monotonic()
            await arena.down(signal.SIGTERM, service)
            await arena.up(service)
            self.longest_seconds = max(self.longest_seconds, monotonic() - began)
            status = arena.members[service].statuses[-1]
            if status:
                self.ended_badly.append(f"{service} ended with status {status} when it was asked to end")


async def _publish(arena: Arena, records: Sequence[Sent]) -> None:
    for first in range(0, len(records), AT_ONCE):
        await arena.stack.publish(records[first : first + AT_ONCE])
        await asyncio.sleep(PACE_SECONDS)  # the load's own pace: nothing is waited for
