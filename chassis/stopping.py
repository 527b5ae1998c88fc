"""The end of a process that cannot go on: it stops in order, and whoever supervises it starts it anew."""

import asyncio
import logging
import signal
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger("afterward.service")


def stop(why: str, *details: object) -> None:
    """Says why, and asks this process to end as an operator would."""
    log.critical(why, *details)
    signal.raise_signal(signal.SIGTERM)


async def or_stop(job: Coroutine[Any, Any, None]) -> None:
    """A job that fails is a defect, and nobody above would notice: the process stops."""
    try:
        await job
    except asyncio.CancelledError:
        raise
    except BaseException as error:
        log.critical("a job of this service failed; the process stops", exc_info=error)
        signal.raise_signal(signal.SIGTERM)
