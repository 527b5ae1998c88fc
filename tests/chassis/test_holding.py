"""How long the broker may hold an empty fetch: not long while something is expected, longer when all is quiet."""

import asyncio
from dataclasses import dataclass

import pytest
from aiokafka import AIOKafkaConsumer

from chassis.consume import holding as module
from chassis.consume.consumer import Consumer
from chassis.consume.holding import QUIET_SECONDS, TIMES_AS_LONG, Holding

HOLD_MS = 50
A_CONSUMER = AIOKafkaConsumer.__new__(AIOKafkaConsumer)


@dataclass
class Joined:
    """Whoever is in its group, or not yet."""

    consumer: Consumer | None = A_CONSUMER


class Clock:
    seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "monotonic", clock)
    return clock


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What a consumer was told, one after the other."""
    asked: list[int] = []
    monkeypatch.setattr(module, "hold_fetches", lambda _consumer, hold_ms: asked.append(hold_ms))
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.001)
    return asked


async def looked(holding: Holding, held: list[int]) -> int:
    """What it tells at its next look."""
    held.clear()
    running = asyncio.create_task(holding.run())
    async with asyncio.timeout(60):
        while not held:
            await asyncio.sleep(0.001)
    running.cancel()
    return held[-1]


async def test_while_records_come_a_fetch_is_held_as_was_set(clock: Clock, held: list[int]) -> None:
    holding = Holding(Joined(), HOLD_MS)
    holding.expect()
    assert held == [HOLD_MS]
    clock.seconds += QUIET_SECONDS - 0.1
    assert await looked(holding, held) == HOLD_MS


async def test_when_nothing_has_come_for_a_time_it_is_held_for_longer(clock: Clock, held: list[int]) -> None:
    holding = Holding(Joined(), HOLD_MS)
    holding.expect()
    clock.seconds += QUIET_SECONDS
    assert await looked(holding, held) == HOLD_MS * TIMES_AS_LONG


async def test_the_first_record_after_a_quiet_time_ends_it_at_once(clock: Clock, held: list[int]) -> None:
    holding = Holding(Joined(), HOLD_MS)
    assert await looked(holding, held) == HOLD_MS * TIMES_AS_LONG
    held.clear()
    holding.expect()
    holding.expect()
    assert held == [HOLD_MS], "and those that follow tell nobody anything new"


async def test_who_has_not_joined_is_told_nothing(clock: Clock, held: list[int]) -> None:
    Holding(Joined(None), HOLD_MS).expect()
    assert held == []
