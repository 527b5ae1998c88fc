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


def stop(why: str, *details: object) -> None:
    """Says why, and ends this process."""
    log.critical(why, *details)
    end_process()


def end_process() -> None:
    """Asks this process to end as an operator would, and ends it when it has not done so in time: nobody else will."""
    signal.raise_signal(signal.SIGTERM)
    deadline = threading.Timer(ENDING_SECONDS, os._exit, (FROZEN,))
    deadline.daemon = True
    deadline.start()


async def or_stop(job: Coroutine[Any, Any, None]) -> None:
    """A job that fails is a defect, and nobody above would notice: the process stops.

    So is one that ends as if it had been cancelled though nobody has: a library may raise the cancellation of a task
    of its own.
    """
    try:
        await job
    except BaseException as error:
        task = asyncio.current_task()
        if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
            raise
        log.critical("a job of this service failed; the process stops", exc_info=error)
        end_process()
