"""Waiting for a point instead of sleeping: every topic read to its end, every outbox empty, nothing overdue."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from afterward.context.asking import Asking
from afterward.context.target import Target
from chassis.clock import VirtualTime, monotonic, real_now

ASK_AGAIN_SECONDS = 0.02
"""After a no: each service has waited for its own yes already."""
ASK_SECONDS = 30.0
HOP = timedelta(hours=1)
LIMIT_SECONDS = 600


class NotIdle(Exception):
    """The services did not come to rest within the limit; the message says which service still works, and at what."""


class NoVirtualClock(Exception):
    """The target lives by the real clock, which nobody can advance."""


async def wait_until_idle(target: Target, limit_seconds: float = LIMIT_SECONDS) -> None:
    """Returns when every process has nothing left to do, twice in a row with no work in between. Raises NotIdle."""
    deadline = monotonic() + limit_seconds
    before: list[int] | None = None
    async with Asking(target, ASK_SECONDS) as asking:
        while (work := await _idle(asking, deadline, limit_seconds)) != before:
            before = work


async def _idle(asking: Asking, deadline: float, limit_seconds: float) -> list[int]:
    """Waits until every process has been seen idle since now; how much each has done so far."""
    since_ms = int(real_now().timestamp() * 1000) + 1
    while True:
        processes = _processes(asking.target.again())
        answers = await asyncio.gather(*(_ask(asking, url, since_ms) for _, url in processes))
        if all(answer["idle"] for answer in answers):
            return [answer["work"] for answer in answers]
        if monotonic() > deadline:
            busy = [
                f"{name} ({answer['busy']})"
                for (name, _), answer in zip(processes, answers, strict=True)
                if not answer["idle"]
            ]
            raise NotIdle(f"not idle after {limit_seconds:g} s: {', '.join(busy)}")
        await asyncio.sleep(ASK_AGAIN_SECONDS)


def _processes(target: Target) -> list[tuple[str, str]]:
    """(name, base URL) of every replica of everything."""
    return [(name, url) for name, urls in target.processes.items() for url in urls]


async def _ask(asking: Asking, url: str, since_ms: int) -> dict[str, Any]:
    try:
        status, answer = await asking.probe(f"{url}/idle", {"since_ms": since_ms})
        return answer if status == 200 else {"idle": False, "work": 0, "busy": f"no answer: status {status}"}
    except (OSError, aiohttp.ClientError, ValueError) as error:
        return {"idle": False, "work": 0, "busy": f"no answer: {type(error).__name__}"}


async def advance(
    target: Target,
    to: datetime,
    *,
    hop: timedelta = HOP,
    limit_seconds: float = LIMIT_SECONDS,
) -> None:
    """Moves a clock that stands still to `to`, hop by hop through what is due, and returns when all are idle.

    A hop goes to the next instant at which something is due, rounded up to `hop`: what one service says at an instant
    reaches the others before they get there. Raises NoVirtualClock, ValueError (never back), NotIdle.
    """
    clock = VirtualTime(target.clock_file) if target.clock_file else None
    if clock is None or clock.steps()[-1].speed:
        raise NoVirtualClock("only a clock that stands still can be advanced: `afterward up --clock INSTANT@step`")
    await wait_until_idle(target, limit_seconds)
    if to < clock.now():
        raise ValueError(f"the clock shows {clock.now().isoformat()} already and does not go back")
    while clock.now() < to:
        due = await _next_due(target, limit_seconds)
        next_ = to if due is None else min(to, max(_rounded_up(due, hop), clock.now() + timedelta(microseconds=1)))
        clock.step_to(next_, 0)
        await wait_until_idle(target, limit_seconds)


def _rounded_up(instant: datetime, hop: timedelta) -> datetime:
    seconds = hop.total_seconds()
    past = instant.timestamp() % seconds
    return instant if not past else instant + timedelta(seconds=seconds - past)


async def _next_due(target: Target, limit_seconds: float) -> datetime | None:
    """The next instant at which something is due anywhere. A service that has just died is waited for."""
    while (answers := await _dues(target)) is None:
        await wait_until_idle(target, limit_seconds)
    return min((datetime.fromisoformat(due) for due in answers if due is not None), default=None)


async def _dues(target: Target) -> list[str | None] | None:
    """Of every process the next instant at which something is due; None when one does not answer, or is not healthy."""
    async with Asking(target, ASK_SECONDS) as asking:
        urls = [url for _, url in _processes(target.again())]
        try:
            answers = await asyncio.gather(*(asking.probe(f"{url}/health") for url in urls))
        except (OSError, aiohttp.ClientError, ValueError):
            return None
    return None if any(status != 200 for status, _ in answers) else [health["next_due"] for _, health in answers]
