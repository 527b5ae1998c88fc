"""Faults that strike everything at once, and how long it takes afterwards until all is drained, unaided."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from random import Random
from typing import Any

from chassis.clock import monotonic
from schemas.services import SERVICES
from tests.faults.processes.in_flight import InFlight
from tests.faults.processes.stack import TestStack

PAUSE_SECONDS = 0.2
"""A fault strikes at a moment drawn from 0 to this after its step began, or after the fault before it."""

BUSY_WITHIN_SECONDS = 3
LOOK_AGAIN_SECONDS = 0.02

Strike = Callable[[TestStack], Awaitable[None]]
"""Makes something fail, and returns once the fault is over."""


class Recovery:
    """Plays a workload with `faults` faults shared out over its steps.

    `seconds`: for each step with a fault, from the end of its last fault until all was drained that follows from the
    step, the answers to calls included. More than `limit_seconds` is a complaint.
    """

    def __init__(self, seed: int, faults: int, limit_seconds: float) -> None:
        self._chance = Random(f"recovery/{seed}")
        self._faults, self.limit_seconds = faults, limit_seconds
        self.faults = self.in_flight = 0
        self.seconds: list[float] = []
        self._flight: InFlight | None = None

    async def play(self, stack: TestStack, strike: Strike) -> None:
        """All steps of the workload, one after the other."""
        steps = stack.workload.steps
        given = [step for step in steps if step.records]
        shares = {step.at: share for step, share in zip(given, even_shares(self._faults, len(given)), strict=True)}
        for step in steps:
            struck = _Struck(self, strike, shares.get(step.at, 0))
            if struck.share:
                self._flight = await InFlight(stack.servers).__aenter__()
            await stack.step(step, struck)
            if struck.over is not None:
                self.seconds.append(monotonic() - struck.over)

    async def strike(self, stack: TestStack, strike: Strike) -> None:
        """One fault, at a moment of its own."""
        await asyncio.sleep(self._chance.uniform(0, PAUSE_SECONDS))
        self.faults += 1
        await strike(stack)

    @asynccontextmanager
    async def all_stopped(self, stack: TestStack) -> AsyncIterator[None]:
        """Every service stopped, in the midst of its work if there is any, until the end of the context."""
        pending, self._flight = self._flight or await InFlight(stack.servers).__aenter__(), None
        try:
            self.in_flight += await _stop_when_busy(stack, pending)
        finally:
            await pending.__aexit__(None, None, None)
        try:
            yield
        finally:
            _send(stack, signal.SIGCONT)

    @property
    def complaints(self) -> list[str]:
        """What took too long."""
        slow = [round(seconds, 1) for seconds in self.seconds if seconds > self.limit_seconds]
        return [f"not drained within {self.limit_seconds:g} s: {slow}"] if slow else []

    @property
    def notes(self) -> dict[str, Any]:
        """The longest recovery and that in the middle, in seconds."""
        ordered = sorted(self.seconds)
        return {"longest_s": round(ordered[-1], 1), "median_s": round(ordered[len(ordered) // 2], 1)} if ordered else {}


class _Struck:
    """The faults of one step. `over`: when the last of them ended."""

    def __init__(self, recovery: Recovery, strike: Strike, share: int) -> None:
        self._recovery, self._strike, self.share = recovery, strike, share
        self.over: float | None = None

    async def __call__(self, stack: TestStack) -> None:
        for _ in range(self.share):
            await self._recovery.strike(stack, self._strike)
            self.over = monotonic()


def who_ended(stack: TestStack) -> list[str]:
    """A complaint about each service that ended, where only what it depends on was bad."""
    return [f"{name} ended, with {member.statuses}" for name, member in stack.members.items() if member.statuses]


def even_shares(things: int, places: int) -> list[int]:
    """How many of `things` come to each of `places`; a single one comes to the middle."""
    ends = [(2 * place * things + places) // (2 * places) for place in range(places + 1)]
    return [end - begin for begin, end in pairwise(ends)]


async def _stop_when_busy(stack: TestStack, pending: InFlight) -> bool:
    """Stops every service by SIGSTOP as soon as any has work in flight; or, after a while, as they are."""
    deadline = monotonic() + BUSY_WITHIN_SECONDS
    _send(stack, signal.SIGSTOP)
    while not (busy := await _is_busy(pending)) and monotonic() < deadline:
        _send(stack, signal.SIGCONT)
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        _send(stack, signal.SIGSTOP)
    return busy


def _send(stack: TestStack, number: signal.Signals) -> None:
    for member in stack.members.values():
        member.send(number)


async def _is_busy(pending: InFlight) -> bool:
    for service in SERVICES:
        if await pending.holds(service):
            return True
    return False
