"""What has died is started again, at once the first time and after ever longer pauses when it will not stay."""

import time
from collections.abc import Awaitable, Callable
from typing import Final

import asyncpg
from aiokafka.errors import KafkaError

from afterward.stack.process import StartFailed

_PAUSES_SECONDS: Final = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
_STAYS_SECONDS: Final = 60.0
"""Who lives so long has recovered: the next death is a first one again."""

Notify = Callable[[str], None]


class Revival:
    """Of one server: when it may be tried again, and what is said about it."""

    def __init__(self, name: str, notify: Notify, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self._notify, self._clock = notify, clock
        self._tries = 0
        self._tried_at = float("-inf")

    async def try_again(self, start: Callable[[], Awaitable[None]], dead: str = "has died") -> bool:
        """Starts it when its pause is over; whether it runs now. What keeps it from starting is reported, not raised:
        a disk that is full now has room again later.
        """
        if self._clock() - self._tried_at > _STAYS_SECONDS:
            self._tries = 0
        if self._clock() - self._tried_at < _PAUSES_SECONDS[min(self._tries, len(_PAUSES_SECONDS) - 1)]:
            return False
        self._notify(f"{self.name} {dead}; it is started again")
        self._tries += 1
        try:
            await start()
        except (
            StartFailed,
            OSError,
            TimeoutError,
            KafkaError,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
        ) as failure:
            self._notify(f"{self.name} does not start: {_first_line(failure)}. It is tried again")
            return False
        finally:
            self._tried_at = self._clock()
        self._notify(f"{self.name} runs again")
        return True


def _first_line(failure: Exception) -> str:
    """What failed, without the end of a log that may hold anything."""
    return (str(failure).splitlines() or [type(failure).__name__])[0].strip().rstrip(".:")
