"""A job that ends unasked ends the process; one that is cancelled only ends."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.consume import landmarks
from chassis.consume.landmarks import end_consumer
from chassis.process.shutdown import or_stop


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whenever the process would have ended."""
    found: list[bool] = []
    monkeypatch.setattr("chassis.process.shutdown.end_process", lambda: found.append(True))
    return found


async def test_a_cancellation_that_nobody_asked_for_is_a_defect(ends: list[bool]) -> None:
    """aiokafka's `stop` raises that of its own tasks: a worker was gone, and its process went on looking healthy."""

    async def as_if_cancelled() -> None:
        raise asyncio.CancelledError

    await asyncio.create_task(or_stop(as_if_cancelled()))
    assert ends == [True]


async def test_who_is_cancelled_ends_and_nothing_more(ends: list[bool]) -> None:
    job = asyncio.create_task(or_stop(asyncio.Event().wait()))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert ends == []


async def _cancelled() -> None:
    raise asyncio.CancelledError


async def _failing() -> None:
    raise ConnectionError


async def _forever() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("stop", [_cancelled, _failing, _forever])
async def test_a_consumer_is_ended_whatever_its_client_does(stop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landmarks, "END_SECONDS", 0.01)
    consumer: Any = SimpleNamespace(stop=stop)
    await end_consumer(consumer)
