"""A consumer whose bus does not wake it rests after each answer without records, and goes on at once when hurried."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.consumer.fetcher import Fetcher

from chassis.consume.pace import Pace

LONG = 3_600.0


class Fetching:
    """A fetcher whose answers are given: whether each has records."""

    def __init__(self, *answers: bool) -> None:
        self.answers = list(answers)
        self.fetches = 0

    async def _proc_fetch_request(self, *_request: Any) -> bool:
        self.fetches += 1
        return self.answers.pop(0)


def fetching(pace: Pace, *answers: bool) -> Any:
    """A fetcher whose consumer keeps this pace."""
    fetcher = Fetching(*answers)
    consumer: Any = SimpleNamespace(_fetcher=fetcher)
    pace.keep(consumer)
    pace.keep(consumer)
    return fetcher


def test_aiokafka_fetches_by_the_method_that_is_replaced() -> None:
    assert "_proc_fetch_request" in Fetcher._fetch_requests_routine.__code__.co_names
    assert asyncio.iscoroutinefunction(Fetcher._proc_fetch_request)


async def test_after_records_it_fetches_on_at_once() -> None:
    fetcher = fetching(Pace(LONG), True)
    assert await asyncio.wait_for(fetcher._proc_fetch_request(), 30) is True
    assert fetcher.fetches == 1


async def test_after_nothing_it_rests_until_somebody_is_in_a_hurry() -> None:
    pace = Pace(LONG)
    fetch = asyncio.create_task(fetching(pace, False)._proc_fetch_request())
    done, _ = await asyncio.wait([fetch], timeout=0.05)
    assert not done
    pace.hurry()
    assert await asyncio.wait_for(fetch, 30) is False


async def test_a_rest_ends_by_itself() -> None:
    assert await asyncio.wait_for(fetching(Pace(0.001), False)._proc_fetch_request(), 30) is False


async def test_a_bus_that_holds_fetches_is_asked_without_rest() -> None:
    fetcher = fetching(Pace(0), False)
    assert await asyncio.wait_for(fetcher._proc_fetch_request(), 30) is False
    assert "_proc_fetch_request" not in vars(fetcher)


async def test_whoever_ends_the_fetch_gets_an_answer() -> None:
    fetch = asyncio.create_task(fetching(Pace(LONG), False)._proc_fetch_request())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    fetch.cancel()
    assert await asyncio.wait_for(fetch, 30) is False


@pytest.mark.parametrize("times", [1, 3])
async def test_hurry_without_a_rest_shortens_the_next_one_only(times: int) -> None:
    pace = Pace(LONG)
    fetcher = fetching(pace, False, False)
    for _ in range(times):
        pace.hurry()
    assert await asyncio.wait_for(fetcher._proc_fetch_request(), 30) is False
    rests = asyncio.create_task(fetcher._proc_fetch_request())
    done, _ = await asyncio.wait([rests], timeout=0.05)
    assert not done
    pace.hurry()
    await rests
