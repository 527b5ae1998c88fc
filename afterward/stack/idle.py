"""Waiting for a point instead of sleeping: every topic read to its end, every outbox empty, nothing overdue."""

import asyncio
import json
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from afterward.stack.running import Running, clock_file
from chassis.clock import VirtualTime, monotonic, real_now

ASK_AGAIN_SECONDS = 0.02
"""After a no: each service has waited for its own yes already."""
HOP = timedelta(hours=1)
LIMIT_SECONDS = 600


class NotIdle(Exception):
    """The stack did not come to rest within the limit; the message says which service still works, and at what."""


class NoVirtualClock(Exception):
    """The stack lives by the real clock, which nobody can advance."""


async def wait_until_idle(data_dir: Path, limit_seconds: float = LIMIT_SECONDS) -> None:
    """Returns when every service has nothing left to do, twice in a row with no work in between. Raises NotIdle."""
    deadline = monotonic() + limit_seconds
    before: list[int] | None = None
    while (work := await _idle(data_dir, deadline, limit_seconds)) != before:
        before = work


async def _idle(data_dir: Path, deadline: float, limit_seconds: float) -> list[int]:
    """Waits until every service has been seen idle since now; how much each has done so far."""
    since_ms = int(real_now().timestamp() * 1000) + 1
    while True:
        urls = _urls(data_dir)
        answers = await asyncio.gather(*(asyncio.to_thread(_ask, url, since_ms) for url in urls.values()))
        if all(answer["idle"] for answer in answers):
            return [answer["work"] for answer in answers]
        if monotonic() > deadline:
            busy = [
                f"{name} ({answer['busy']})" for name, answer in zip(urls, answers, strict=True) if not answer["idle"]
            ]
            raise NotIdle(f"not idle after {limit_seconds:g} s: {', '.join(busy)}")
        await asyncio.sleep(ASK_AGAIN_SECONDS)


def _urls(data_dir: Path) -> dict[str, str]:
    running = Running.load(data_dir)
    return {name: process.health.removesuffix("/health") for name, process in running.processes.items()}


def _ask(url: str, since_ms: int) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"{url}/idle?since_ms={since_ms}", timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
            return answer
    except (OSError, urllib.error.URLError, ValueError) as error:
        return {"idle": False, "work": 0, "busy": f"no answer: {type(error).__name__}"}


async def advance(
    data_dir: Path,
    to: datetime,
    *,
    hop: timedelta = HOP,
    limit_seconds: float = LIMIT_SECONDS,
) -> None:
    """Moves a clock that stands still to `to`, hop by hop through what is due, and returns when all are idle.

    A hop goes to the next instant at which something is due, rounded up to `hop`: what one service says at an instant
    reaches the others before they get there. Raises NoVirtualClock, ValueError (never back), NotIdle.
    """
    clock = VirtualTime(clock_file(data_dir))
    if not clock.exists() or clock.steps()[-1].speed:
        raise NoVirtualClock("only a clock that stands still can be advanced: `afterward up --clock INSTANT@step`")
    await wait_until_idle(data_dir, limit_seconds)
    if to < clock.now():
        raise ValueError(f"the clock shows {clock.now().isoformat()} already and does not go back")
    while clock.now() < to:
        due = await _next_due(data_dir, limit_seconds)
        target = to if due is None else min(to, max(_rounded_up(due, hop), clock.now() + timedelta(microseconds=1)))
        clock.step_to(target, 0)
        await wait_until_idle(data_dir, limit_seconds)


def _rounded_up(instant: datetime, hop: timedelta) -> datetime:
    seconds = hop.total_seconds()
    past = instant.timestamp() % seconds
    return instant if not past else instant + timedelta(seconds=seconds - past)


async def _next_due(data_dir: Path, limit_seconds: float) -> datetime | None:
    """The next instant at which something is due anywhere. A service that has just died is waited for."""
    while (answers := await asyncio.to_thread(_dues, data_dir)) is None:
        await wait_until_idle(data_dir, limit_seconds)
    return min((datetime.fromisoformat(due) for due in answers if due is not None), default=None)


def _dues(data_dir: Path) -> list[str | None] | None:
    """Of every service the next instant at which something is due; None when one does not answer, or is not healthy."""
    dues = []
    for url in _urls(data_dir).values():
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=30) as response:
                dues.append(json.load(response)["next_due"])
        except (OSError, ValueError):
            return None
    return dues
