"""A service that stands still ends itself; one that is merely idle, or waits for others, does not."""

import asyncio
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from afterward.stack.bus import Bus
from chassis.process.service import Service
from chassis.process.settings import Settings
from chassis.process.shutdown import FROZEN
from chassis.process.watchdog import LOOKS, Signs, Watchdog
from chassis.store.connection import Connection
from chassis.store.engine import Batch
from tests.chassis.engine_fixture import SERVICE, EngineFixture, record
from tests.chassis.fake_producer import GENEROUS_SECONDS
from tests.chassis.test_service import judged, prefix, publish, running, settings  # noqa: F401 - fixtures
from tests.chassis.toy import CHART, reading

IDLE = Signs(joined=True, busy=False, tries=3, waiting={}, fetched=1_000, oldest_unsent={})


def moving(signs: Signs, **steps: int) -> Iterator[Signs]:
    """The signs at each look: these fields go on, the others stay."""
    for look in range(10 * LOOKS):
        yield replace(signs, **{name: getattr(signs, name) + step * look for name, step in steps.items()})


async def verdicts(signs: Iterable[Signs]) -> list[str | None]:
    """What is found at each look."""
    given = iter(signs)

    async def look() -> Signs:
        return next(given)

    async def answer() -> bool:
        return True

    watchdog = Watchdog(look, answer, limit_seconds=1)
    return [await watchdog.look() for _ in range(LOOKS + 1)]


@pytest.mark.parametrize(
    ("signs", "reason"),
    [
        (moving(replace(IDLE, joined=False), fetched=1), "it has not been given its partitions"),
        (moving(replace(IDLE, waiting={0: 7, 1: 9}), fetched=1), "records wait on the bus, and none is taken over"),
        (moving(replace(IDLE, busy=True), fetched=1), "a batch does not come to its end"),
        (moving(IDLE), "the bus is not read"),
        (
            moving(replace(IDLE, oldest_unsent={4: 17}), fetched=1, tries=1),
            "the oldest event in the outbox is not sent",
        ),
    ],
    ids=["no-partitions", "not-taking-over", "not-judging", "not-fetching", "not-sending"],
)
async def test_whoever_shows_no_sign_of_life_for_so_many_looks_stands_still(
    signs: Iterator[Signs], reason: str
) -> None:
    *before, last = await verdicts(signs)

    assert last == reason
    assert before == [None] * LOOKS


@pytest.mark.parametrize(
    "signs",
    [
        moving(IDLE, fetched=1),
        moving(replace(IDLE, fetched=None)),
        moving(replace(IDLE, waiting={0: 7}), tries=1),
        (replace(IDLE, busy=bool(look % 7), fetched=look) for look in range(99)),
        (replace(IDLE, waiting={0: 7 + look}, oldest_unsent={1: look}, fetched=look) for look in range(99)),
        (replace(IDLE, joined=bool(look % 5), fetched=look) for look in range(99)),
        (replace(IDLE, oldest_unsent={1: look // 9}, fetched=look) for look in range(99)),
    ],
    ids=["idle", "a-spare", "retrying", "now-and-then", "busy", "shared-out-anew", "slow"],
)
async def test_whoever_is_idle_busy_or_slow_goes_on(signs: Iterator[Signs]) -> None:
    assert await verdicts(signs) == [None] * (LOOKS + 1)


@pytest.mark.parametrize("others_answer", [True, False])
async def test_it_ends_only_when_all_others_answer(others_answer: bool) -> None:
    ended: list[str] = []
    asked = asyncio.Event()

    async def signs() -> Signs:
        return replace(IDLE, joined=False)

    async def answer() -> bool:
        if asked.is_set():
            raise OSError
        asked.set()
        return others_answer

    watchdog = Watchdog(signs, answer, 0.012, ended.append)
    looking = asyncio.create_task(watchdog.run())
    await asyncio.wait_for(asked.wait(), GENEROUS_SECONDS)
    await asyncio.sleep(0.1)
    looking.cancel()

    assert ended == (["it has not been given its partitions"] if others_answer else [])


async def test_a_service_whose_worker_hangs_ends_itself(
    bus: Bus,
    fixture: EngineFixture,
    settings: Settings,  # noqa: F811
    prefix: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reasons: asyncio.Queue[str] = asyncio.Queue()
    service = Service(SERVICE, (CHART,), settings.model_copy(update={"standing_still_seconds": 720}))
    monkeypatch.setattr(service.watchdog, "_end", reasons.put_nowait)

    process, let_go = service.engine.process, asyncio.Event()

    async def hang(connection: Connection, batch: Batch) -> Batch:
        await let_go.wait()
        return await process(connection, batch)

    async with running(service):
        monkeypatch.setattr(service.engine, "process", hang)
        await publish(bus, [record(reading(prefix, 8))])
        service.watchdog._pause_seconds = 0.2
        looking = asyncio.create_task(service.watchdog.run())  # what the service began is patient with a slow start
        reason = await asyncio.wait_for(reasons.get(), GENEROUS_SECONDS)
        await looking
        let_go.set()
        await judged(fixture, prefix, events=1)  # or the next service of this group would find the record

    assert reason == "a batch does not come to its end"


BLOCKED = """
import asyncio, time
from chassis.process.watchdog import Signs, Watchdog
async def signs(): return Signs(True, False, 0, {}, None, {})
async def answer(): return True
async def main():
    watching = asyncio.create_task(Watchdog(signs, answer, 0.6).run())
    await asyncio.sleep(0.2)
    time.sleep(600)
asyncio.run(main())
"""


def test_a_process_whose_event_loop_is_blocked_ends_itself() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", BLOCKED], capture_output=True, text=True, timeout=GENEROUS_SECONDS, check=False
    )

    assert ended.returncode == FROZEN
    assert "the event loop does not turn" in ended.stderr


DEAF = """
import signal, time
from chassis.process import shutdown
signal.signal(signal.SIGTERM, signal.SIG_IGN)
shutdown.ENDING_SECONDS = 0.2
shutdown.stop("nothing goes on")
time.sleep(600)
"""


def test_a_process_that_does_not_end_when_it_asks_itself_to_is_ended_all_the_same() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", DEAF], capture_output=True, text=True, timeout=GENEROUS_SECONDS, check=False
    )

    assert ended.returncode == FROZEN
    assert "nothing goes on" in ended.stderr
