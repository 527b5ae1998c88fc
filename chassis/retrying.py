"""Doing something again until it works: the one loop around a store or a bus that may not answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

_T = TypeVar("_T")
_E = TypeVar("_E", bound=Exception)


async def retry(
    attempt: Callable[[], Awaitable[_T]],
    failures: tuple[type[_E], ...],
    failed: Callable[[_E], Awaitable[None]],
    *pauses_seconds: float,
) -> _T:
    """What the first attempt returns that does not fail.

    After each of `failures`, `failed` is told of it (it logs, and closes what is broken), then there is a pause:
    `pauses_seconds` one after the other, then the last of them again and again. Any other error is raised at once.
    """
    pauses = iter(pauses_seconds)
    pause = pauses_seconds[0]
    while True:
        try:
            return await attempt()
        except failures as error:
            await failed(error)
            pause = next(pauses, pause)
            await asyncio.sleep(pause)
