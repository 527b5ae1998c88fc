"""One run: every service as a process of its own on clean ground, told a workload step by step while faults happen."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType

from afterward.context.idle import wait_until_idle
from afterward.context.target import local
from afterward.seed import institutions
from afterward.stack.ports import free_port
from afterward.stack.running import Running, ServiceProcess, clock_file, stack_file
from afterward.stack.services import answers_healthy, environment
from chassis.clock import VirtualTime, monotonic, real_now
from schemas.services import SERVICES
from story import answer_call
from tests.faults.judging.calls import Calls
from tests.faults.processes.forkserver import Child, Forkserver
from tests.faults.processes.nest import Start
from tests.faults.servers.running_servers import Servers
from tests.faults.workload import Step, Workload
from tests.journeys.stack import Sent, Stack

LIMIT_SECONDS = 60
END_SECONDS = 20
ASK_AGAIN_SECONDS = 0.01

During = Callable[["TestStack"], Awaitable[None]]
"""What happens while the records of a step are in flight; the step is quiet only after it has returned."""
OfLife = Callable[[int], Mapping[str, str]]
"""(which life, from 1 on) → further environment of the process."""


@dataclass(eq=False)
class Member:
    """One process of a service, or the place of one between two lives.

    `keep`: started again when it dies. `is_waited_for`: the stack is quiet only when it is. `statuses`: how its lives
    ended, the signal as a negative number. `forkserver`: whose code its next life has; None: today's.
    """

    name: str
    service: str
    port: int
    environment: Mapping[str, str]
    of_life: OfLife
    lives: int = 0
    keep: bool = True
    is_waited_for: bool = True
    child: Child | None = None
    forkserver: Forkserver | None = None
    statuses: list[int] = field(default_factory=list)

    @property
    def health(self) -> str:
        """Where it tells of its health."""
        return f"http://127.0.0.1:{self.port}/health"

    @property
    def pid(self) -> int:
        """Of its present life, or of the last. Raises LookupError before the first."""
        if self.child is None or not self.child.began.wait(LIMIT_SECONDS):
            raise LookupError(f"{self.name} has never run")
        return self.child.pid

    @property
    def is_alive(self) -> bool:
        """Whether its process exists."""
        return self.child is not None and self.child.began.is_set() and self.child.status is None

    def send(self, number: signal.Signals) -> None:
        """A signal to its process, if it has one."""
        if self.is_alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def nothing_more(_life: int) -> Mapping[str, str]:
    """No further environment."""
    return {}


class TestStack:
    """The stack of one run. `members`: name of a process → its service; more than one of a service share its work.

    `begins_with`: whose code all of them have at first; None: today's.
    """

    __test__ = False
    """For pytest, which takes the name for that of tests."""

    def __init__(
        self,
        servers: Servers,
        forkserver: Forkserver,
        workload: Workload,
        *,
        members: Mapping[str, str] | None = None,
        of_life: Mapping[str, OfLife] | None = None,
        settings: Mapping[str, str] | None = None,
        fresh_bus: bool = False,
        begins_with: Forkserver | None = None,
    ) -> None:
        self.servers, self.forkserver, self.workload, self.fresh_bus = servers, forkserver, workload, fresh_bus
        self.data_dir: Path = servers.folder / "run"
        self.stack = Stack(self.data_dir, servers.backend)
        self.limit_seconds: float = LIMIT_SECONDS
        self._answered: set[str] = set()
        self._calls = Calls(servers.bus.bootstrap_servers)
        self._ending = False
        self.members: dict[str, Member] = {}
        clock = clock_file(self.data_dir)
        for name, service in (members or {name: name for name in SERVICES}).items():
            given = environment(servers.bus, service, servers.dsns[service], clock)
            given = {
                **given,
                "AFTERWARD_GROUP_INSTANCE_ID": name,
                "AFTERWARD_FETCH_MAX_WAIT_MS": "20",
                **(settings or {}),
            }
            self.members[name] = Member(name, service, free_port(), given, (of_life or {}).get(name, nothing_more))
            self.members[name].forkserver = begins_with

    async def __aenter__(self) -> "TestStack":
        await self.servers.clean(self.members, fresh_bus=self.fresh_bus)
        self.data_dir.mkdir(exist_ok=True)
        clock_file(self.data_dir).unlink(missing_ok=True)
        VirtualTime(clock_file(self.data_dir)).step_to(self.workload.starts_at, 0)
        await self._calls.__aenter__()
        await self.up()
        # A channel that opens while its institution is being listed knows its place a minute later: the next step.
        for before in ([Sent(one.topic, one.key, one.value) for one in institutions()], self.workload.before):
            await self.stack.publish(before)
            await self.quiet()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._calls.__aexit__()
        if error is not None:
            self.servers.spoilt()
        await self.down(signal.SIGKILL)
        stack_file(self.data_dir).unlink(missing_ok=True)

    async def up(self, *names: str) -> None:
        """Starts these members (all by default), and returns once each has its partitions. Raises TimeoutError."""
        self.start(*names)
        await self.ready(*names)

    def start(self, *names: str) -> None:
        """Starts these members (all by default), and waits for nothing."""
        self._ending = False
        for member in [self.members[name] for name in names or self.members]:
            member.keep = True
            self._start(member)
        self.save()

    def beside(self, service: str, environment: Mapping[str, str]) -> str:
        """Starts a process of a service with another environment, whose work nobody waits for; its name."""
        like = self.members[service]
        name = f"{service}-beside"
        self.members[name] = beside = Member(
            name, service, free_port(), {**like.environment, "AFTERWARD_GROUP_INSTANCE_ID": name, **environment},
            nothing_more, is_waited_for=False,
        )  # fmt: skip
        self._start(beside)
        return name

    async def ready(self, *names: str) -> None:
        """Returns once these members (all by default) are healthy. Raises TimeoutError."""
        async with asyncio.timeout(LIMIT_SECONDS):
            for name in names or self.members:
                while not await asyncio.to_thread(answers_healthy, self.members[name].health):
                    await asyncio.sleep(ASK_AGAIN_SECONDS)

    async def down(self, number: signal.Signals = signal.SIGTERM, *names: str) -> None:
        """Ends these members (all by default) and leaves them ended."""
        ended = [self.members[name] for name in names or self.members]
        for member in ended:
            member.keep = False
            member.send(signal.SIGCONT)
            member.send(number)
        for member in ended:
            if member.child is not None and not await asyncio.to_thread(member.child.ended.wait, END_SECONDS):
                member.send(signal.SIGKILL)
                await asyncio.to_thread(member.child.ended.wait, END_SECONDS)

    def kill(self, name: str) -> None:
        """Ends a member as a crash would; it is started again at once."""
        self.members[name].send(signal.SIGKILL)

    def _start(self, member: Member) -> None:
        member.lives += 1
        given = {**member.environment, **member.of_life(member.lives)}
        log = self.data_dir / f"{member.name}.log"
        start = Start(member.name, member.service, member.port, str(log), given)
        member.child = (member.forkserver or self.forkserver).start(start, lambda child: self._ended(member, child))

    def _ended(self, member: Member, child: Child) -> None:
        member.statuses.append(child.status or 0)
        if member.keep:
            self._start(member)

    def save(self) -> None:
        """What `afterward` and the harness's own waiting read: where the stack's processes are."""
        processes = {
            name: ServiceProcess(member.pid, member.health.removesuffix("/health"))
            for name, member in self.members.items()
            if member.child is not None and member.is_waited_for
        }
        bus = self.servers.bus
        Running(bus.bootstrap_servers, "step", processes, bus.name, os.getpid()).save(self.data_dir)

    async def play(self, during: During | None = None, *, answer: bool = True) -> None:
        """All steps of the workload, one after the other."""
        for step in self.workload.steps:
            await self.step(step, during, answer=answer)

    async def step(self, step: Step, during: During | None = None, *, answer: bool = True) -> None:
        """Moves the clock, publishes, lets `during` happen meanwhile, and returns when all is quiet.

        Calls that followup asks for are answered at the same instant. Raises NotIdle.
        """
        await self.show(step.at)
        faults = asyncio.create_task(_nothing() if during is None else as_coroutine(during(self)))
        try:
            await self.stack.publish(step.records)
            await faults
            await self.quiet()
        finally:
            faults.cancel()
            await asyncio.gather(faults, return_exceptions=True)
        if answer:
            await self.answer()

    async def answer(self) -> None:
        """Answers the calls that are open, until none is; the stack is quiet before and after."""
        while answers := await self._answers():
            await self.stack.publish(answers)
            await self.quiet()

    async def show(self, instant: datetime) -> None:
        """Moves the clock; what is published from now on came at `instant`, also by a broker that counts in ms."""
        clock = VirtualTime(clock_file(self.data_dir))
        clock.step_to(instant, 0)
        moved = clock.steps()[-1].since
        while _milliseconds(real_now()) <= _milliseconds(moved):
            await asyncio.sleep(0.001)

    async def quiet(self) -> None:
        """Returns when nothing is left to do. Raises NotIdle."""
        await wait_until_idle(local(self.data_dir), self.limit_seconds)

    async def _answers(self) -> list[Sent]:
        await self._calls.caught_up()
        reported = {call["call_id"]: answer_call(call, self.workload.seed) for call in self._calls.open()}
        now = self.stack.now()
        new = sorted(name for name, one in reported.items() if name not in self._answered and one.publish_at <= now)
        self._answered.update(new)
        return [Sent(reported[name].topic, reported[name].key.encode(), reported[name].value) for name in new]

    async def listen_anew(self) -> None:
        """Hears of calls from the beginning of a bus that has been made anew."""
        await self._calls.__aexit__()
        self._calls = Calls(self.servers.bus.bootstrap_servers)
        await self._calls.__aenter__()

    async def until(self, holds: Callable[[], bool], limit_seconds: float = LIMIT_SECONDS) -> None:
        """Waits for something of the harness's own. Raises TimeoutError."""
        deadline = monotonic() + limit_seconds
        while not holds():
            if monotonic() > deadline:
                raise TimeoutError("what was waited for did not come about")
            await asyncio.sleep(ASK_AGAIN_SECONDS)


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


async def _nothing() -> None:
    """No fault."""


async def as_coroutine(awaitable: Awaitable[None]) -> None:
    """What a task can be made of."""
    await awaitable
