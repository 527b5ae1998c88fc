"""What fails is done again after a pause until it works; what nobody foresaw is raised."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chassis.retrying import retry


@pytest.fixture
def happened(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What happened: attempts, failures that were told of, and pauses, which take no time here."""
    noted: list[object] = []

    async def sleep(seconds: float) -> None:
        noted.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return noted


def failing(happened: list[object], *errors: Exception) -> Callable[[], Awaitable[str]]:
    """An attempt that fails in these ways, and then works."""
    ahead = iter(errors)

    async def attempt() -> str:
        happened.append("attempt")
        for error in ahead:
            raise error
        return "done"

    return attempt


def noting(happened: list[object]) -> Callable[[Exception], Awaitable[None]]:
    async def failed(error: Exception) -> None:
        happened.append(error)

    return failed


async def test_what_works_at_once_is_neither_repeated_nor_followed_by_a_pause(happened: list[object]) -> None:
    assert await retry(failing(happened), (OSError,), noting(happened), 0.5) == "done"
    assert happened == ["attempt"]


async def test_each_failure_is_told_of_before_the_pause_that_follows_it(happened: list[object]) -> None:
    gone, slow = ConnectionResetError(), TimeoutError()

    assert await retry(failing(happened, gone, slow), (OSError,), noting(happened), 0.5) == "done"

    assert happened == ["attempt", gone, 0.5, "attempt", slow, 0.5, "attempt"]


async def test_pauses_grow_as_given_and_the_last_of_them_is_kept(happened: list[object]) -> None:
    await retry(failing(happened, *[OSError()] * 4), (OSError,), noting(happened), 0.1, 1.0)

    assert [one for one in happened if isinstance(one, float)] == [0.1, 1.0, 1.0, 1.0]


async def test_an_error_that_is_no_failure_is_raised_at_once(happened: list[object]) -> None:
    with pytest.raises(KeyError):
        await retry(failing(happened, OSError(), KeyError("x")), (OSError,), noting(happened), 0.5)

    assert happened[-1] == "attempt"


async def test_an_error_while_a_failure_is_told_of_is_raised(happened: list[object]) -> None:
    async def failed(error: OSError) -> None:
        raise ValueError("cannot be closed") from error

    with pytest.raises(ValueError, match="cannot be closed"):
        await retry(failing(happened, OSError()), (OSError,), failed, 0.5)

    assert happened == ["attempt"]


async def test_a_pause_can_be_cancelled() -> None:
    reported = asyncio.Event()

    async def failed(_: OSError) -> None:
        reported.set()

    waiting = asyncio.create_task(retry(failing([], OSError()), (OSError,), failed, 3_600.0))
    await reported.wait()
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
