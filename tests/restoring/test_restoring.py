"""docs/operations/restore.md, line by line, under load: databases back at instants of their own, and all as it was.

A run whose databases are destroyed and restored has to end with the digest of the run in which nothing failed.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.architecture.sample_repo import ROOT
from tests.backends import note_bus
from tests.faults.harness import Harness
from tests.faults.injection.publisher import InsistentStack
from tests.faults.injection.recovery import Recovery
from tests.faults.judging.snapshot import snapshot
from tests.faults.processes.stack import TestStack
from tests.faults.servers.running_servers import KAFKA
from tests.faults.workload import SMALL, TINY, Workload, workload
from tests.restoring.operated import OperatedPostgres, ask
from tests.restoring.operator import BUS_LOST_TOO, READING_AGAIN, Operator
from tests.restoring.page import RESTORE, commands, run_as

pytestmark = [pytest.mark.needs_kafka, pytest.mark.thorough, pytest.mark.timeout(1800)]

SEED = 7
DRAINED_WITHIN_SECONDS, LIMIT_SECONDS = 60, 300
ONE = "discharge"
"""Whose database goes back further than all others."""
STEPS_BEFORE = 2
"""With nothing to do: the copy is taken in the step after them."""

Strike = Callable[[TestStack], Awaitable[None]]


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[Harness]:
    """On a PostgreSQL that has an operator."""
    made = Harness(tmp_path / "ground", KAFKA)
    made.servers.postgres = OperatedPostgres(tmp_path / "postgres")
    async with made:
        note_bus(made.servers.bus.name)
        yield made


async def test_databases_restored_to_instants_of_their_own_end_as_if_nothing_had_failed(harness: Harness) -> None:
    """The copy is taken under load, and an instant noted in each of two later steps; days later all is destroyed."""
    given = workload(SEED, **SMALL)
    await harness.undisturbed(given)
    restoring = _Restoring(harness, given)
    async with harness.stack(given) as stack:
        stack.limit_seconds = LIMIT_SECONDS
        await restoring.operator.keeps_the_log()
        await restoring.play(stack, [restoring.copy, restoring.note, restoring.note, restoring.databases_lost])
        wrong = restoring.wrong + await harness.judge(given)
        left = await snapshot(harness.servers)
    assert wrong == []
    assert restoring.in_flight >= 2, "the instants were noted while nothing happened"
    assert left.services[ONE].epoch > 0, "the database that went back furthest has not noticed"


async def test_the_bus_and_all_databases_lost_at_once_end_as_if_nothing_had_failed(harness: Harness) -> None:
    """All databases go back to an instant of the step in which the bus is lost, too; that step is sent again."""
    given = workload(SEED, **TINY)
    await harness.undisturbed(given)
    restoring = _Restoring(harness, given)
    async with harness.stack(given) as stack:
        stack.stack = InsistentStack(stack.data_dir, harness.backend)
        stack.limit_seconds = LIMIT_SECONDS
        await restoring.operator.keeps_the_log()
        await restoring.play(stack, [restoring.copy, restoring.all_lost])
        wrong = restoring.wrong + await harness.judge(given)
        left = await snapshot(harness.servers)
    assert wrong == []
    assert restoring.in_flight >= 1, "the instant was noted while nothing happened"
    assert all(held.epoch > 0 for held in left.services.values())


class _Restoring:
    """What happens to a run, one after the other. `in_flight`: how many instants were noted in the midst of work."""

    def __init__(self, harness: Harness, given: Workload) -> None:
        postgres = harness.servers.postgres
        assert isinstance(postgres, OperatedPostgres)
        self.servers, self.given, self.postgres = harness.servers, given, postgres
        self.operator = Operator(postgres)
        self._recovery = Recovery(SEED, 0, DRAINED_WITHIN_SECONDS)
        self._copy = Path()
        self._instants: list[str] = []

    @property
    def in_flight(self) -> int:
        """How often work was in flight."""
        return self._recovery.in_flight

    @property
    def wrong(self) -> list[str]:
        """What took too long."""
        return self._recovery.complaints

    async def play(self, stack: TestStack, strikes: list[Strike]) -> None:
        """The steps of the workload; in each that has records, after the first few, the next of the strikes."""
        left = list(strikes)
        given = [step for step in self.given.steps if step.records]
        assert len(given) >= STEPS_BEFORE + len(strikes), "the workload has too few steps"
        for step in self.given.steps:
            strikes_now = step in given[STEPS_BEFORE:] and left
            await stack.step(step, left.pop(0) if strikes_now else None)

    async def copy(self, stack: TestStack) -> None:
        """A copy under load."""
        self._copy = await self.operator.copies()

    async def note(self, stack: TestStack) -> None:
        """An instant in the midst of work."""
        async with self._recovery.all_stopped(stack):
            self._instants.append(await self.operator.instant())

    async def databases_lost(self, stack: TestStack) -> None:
        """The server and its disk; all databases come back at the last instant, one at the first."""
        first, last = self._instants
        await self.operator.a_minute_passes()
        async with self._recovery.all_stopped(stack):
            self.postgres.destroy()
        await stack.down(signal.SIGKILL)
        await self.operator.restores(self._copy, last)
        await self.operator.restores_one(ONE, self._copy, first)
        await stack.up()
        printed = await self._shell(stack, commands(RESTORE, READING_AGAIN))
        settled = [line for line in printed.splitlines() if line.endswith("|0")]
        assert len(settled) == len(self.servers.dsns), printed

    async def all_lost(self, stack: TestStack) -> None:
        """The server and its disk, and the bus with its own; what was published in this step is sent again."""
        await self.note(stack)
        before = await self._read()
        await stack.quiet()
        assert await self._read() > before, "the databases lose nothing"
        await self.operator.a_minute_passes()
        async with self._recovery.all_stopped(stack):
            self.postgres.destroy()
            stack.servers.bus.kill()
        await stack.down(signal.SIGKILL)
        await self.operator.restores(self._copy, self._instants[-1])
        await self.servers.new_bus()
        await stack.listen_anew()
        await self.operator.types(BUS_LOST_TOO, 0, services=" ".join(self.servers.dsns))
        await stack.up()
        step = next(step for step in self.given.steps if step.at == stack.stack.now())
        await stack.stack.publish(step.records)
        await self._shell(stack, commands(RESTORE, BUS_LOST_TOO, 1))

    async def _read(self) -> int:
        """How many records all services have judged."""
        question = "SELECT coalesce(sum(next_offset), 0)::bigint FROM read_offset"
        return sum([await ask(dsn, question) for dsn in self.servers.dsns.values()])

    async def _shell(self, stack: TestStack, script: str) -> str:
        """What is printed where the command line is."""
        own = {"XDG_CONFIG_HOME": str(self.servers.folder / "config"), "AFTERWARD_CONTEXT": "ours"}
        given = self.postgres.environment(**self.operator.names, **own, services=" ".join(self.servers.dsns))
        given["PATH"] = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{given['PATH']}"
        known = f"afterward context add ours --data-dir {stack.data_dir} >/dev/null"
        return await asyncio.to_thread(run_as, None, f"{known}\n{script}", given, stack.data_dir)
