"""What has died is started again: at once, then after ever longer pauses, and never given up."""

import pytest

from afterward.stack.process import StartFailed
from afterward.stack.revival import Revival


class Time:
    """Real time as the test has it."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Server:
    """Counts how often it was started; `refuses`: why it will not."""

    def __init__(self) -> None:
        self.started = 0
        self.refuses: Exception | None = None

    async def start(self) -> None:
        self.started += 1
        if self.refuses:
            raise self.refuses


@pytest.mark.parametrize("refuses", [StartFailed("no space left. Its log ends:\nsecret"), OSError(28, "No space left")])
async def test_a_server_that_will_not_start_is_tried_after_ever_longer_pauses(refuses: Exception) -> None:
    clock, server, given = Time(), Server(), list[str]()
    server.refuses = refuses
    revival = Revival("PostgreSQL", given.append, clock)
    starts = []
    for second in range(120):
        clock.now = 1000.0 + second
        before = server.started
        assert not await revival.try_again(server.start)
        if server.started > before:
            starts.append(second)
    assert starts == [0, 1, 3, 8, 18, 48, 78, 108]
    assert not any("secret" in line for line in given)

    server.refuses = None
    clock.now = 2000.0
    assert await revival.try_again(server.start)
    assert given[-1] == "PostgreSQL runs again"


async def test_who_dies_again_later_is_started_at_once() -> None:
    clock, server, given = Time(), Server(), list[str]()
    revival = Revival("the bus", given.append, clock)
    assert await revival.try_again(server.start)
    assert not await revival.try_again(server.start)
    clock.now += 100
    assert await revival.try_again(server.start)
    assert server.started == 2
