"""The end of a process that cannot go on: it stops in order, and whoever supervises it starts it anew."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger("afterward.service")

ENDING_SECONDS = 30
"""A process that has asked itself to end and has not: its end is not waited for any longer."""
FROZEN = 70
"""Exit status of a process that did not end when it was asked, or could not be asked: its event loop stood still."""


_ending = threading.Event()


def is_ending() -> bool:
    """Whether this process has asked itself to end: it will do nothing more."""
    return _ending.is_set()


def stop(why: str, *details: object) -> None:
    """Says why, and ends this process."""
    log.critical(why, *details)
    end_process()


def end_process() -> None:
    """Asks this process to end as an operator would, and ends it when it has not done so in time: nobody else will."""
    _ending.set()
    signal.raise_signal(signal.SIGTERM)
    deadline = threading.Timer(ENDING_SECONDS, os._exit, (FROZEN,))
    deadline.daemon = True
    deadline.start()


class EndedUnasked(Exception):
    """A job ended as if it had been cancelled, and nobody had: a library raised the cancellation of its own task."""


async def or_fail(job: Coroutine[Any, Any, None]) -> None:
    """A job that ends as if it had been cancelled though nobody asked for it has failed. A group of jobs would pass
    over it, and go on without it.

    Raises:
        EndedUnasked: instead of that cancellation.
    """
    try:
        await job
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise EndedUnasked("cancelled, and nobody asked for it") from None


async def or_stop(job: Coroutine[Any, Any, None]) -> None:
    """A job that fails is a defect, and nobody above would notice: the process stops."""
    try:
        await or_fail(job)
    except asyncio.CancelledError:
        raise
    except BaseException as error:
        log.critical("a job of this service failed; the process stops", exc_info=error)
        end_process()
