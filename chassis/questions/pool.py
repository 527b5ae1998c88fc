"""The few connections on which questions are asked: they read, wait for nothing for ever, and never hold up events."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from chassis.questions.problem import Problem
from chassis.store.connection import STORE_FAILED, Connection
from chassis.store.pagination import PLANNED_EACH_TIME
from chassis.store.upgrading.fitting import DoesNotFit

log = logging.getLogger("afterward.questions")

READ_ONLY: Final[Mapping[str, str]] = {"default_transaction_read_only": "on", **PLANNED_EACH_TIME}
"""Settings of their server sessions."""
REFUSED: Final = (asyncpg.DataError, ValueError)
"""Of what a connection raises: it is the value that it refuses, not the moment."""
WAIT_SECONDS: Final = 5.0
"""So long a question waits for a connection that is free."""
UNUSED_SECONDS: Final = 60.0
"""A connection on which nobody has asked for so long is let go."""


class Pool:
    """At most `size` connections, made when they are wanted; `connect` makes one with the settings `READ_ONLY`."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], size: int, timeout_seconds: float) -> None:
        self._connect, self._size, self.timeout_seconds = connect, size, timeout_seconds
        self._pool: Any = None
        self._making = asyncio.Lock()

    @asynccontextmanager
    async def lent(self, timeout_seconds: float | None = None) -> AsyncIterator[Connection]:
        """A connection, for as long as the deadline allows. Raises Problem where the store fails, or all are lent."""
        try:
            async with asyncio.timeout(timeout_seconds or self.timeout_seconds):
                connection = await self._lend()
                try:
                    yield connection
                finally:
                    await self._pool.release(connection, timeout=WAIT_SECONDS)
        except asyncpg.QueryCanceledError:
            raise Problem("busy", "the answer takes longer than its deadline: ask for less, or later") from None
        except DoesNotFit:
            raise Problem("store_away", "the database is of another version of the code: ask again later") from None
        except STORE_FAILED as error:
            if isinstance(error, REFUSED):
                raise Problem("malformed", "a value cannot be stored, so nothing can be found by it") from None
            log.warning("a question was not answered: the database failed with %s", type(error).__name__)
            raise Problem("store_away", "the database does not answer: ask again later") from None

    async def _lend(self) -> Connection:
        async with self._making:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    min_size=0,
                    max_size=self._size,
                    max_inactive_connection_lifetime=UNUSED_SECONDS,
                    connect=self._made,
                )
        try:
            return await self._pool.acquire(timeout=WAIT_SECONDS)
        except TimeoutError:
            if self._pool.get_size() >= self._size:
                raise Problem("busy", "all connections for questions are in use: ask again later") from None
            raise

    async def _made(self, *_: Any, **__: Any) -> Connection:
        """The pool's own wishes of a connection are none: the settings say how it is made."""
        return await self._connect()

    def close(self) -> None:
        """Lets all connections go."""
        if self._pool is not None:
            self._pool.terminate()


@asynccontextmanager
async def reading(connection: Connection) -> AsyncIterator[None]:
    """Within it nothing can be written."""
    async with connection.transaction(readonly=True):
        yield


@asynccontextmanager
async def writing(connection: Connection) -> AsyncIterator[None]:
    """Within it something may be written, all of it or nothing."""
    async with connection.transaction():
        await connection.execute("SET TRANSACTION READ WRITE")
        yield
