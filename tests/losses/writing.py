"""Those who write while servers fail, each write with a number, and keep the numbers that were confirmed."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from types import TracebackType
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

LIMIT_SECONDS = 120
AT_ONCE = 8

Write = Callable[[int], Awaitable[None]]
"""Returns when the server has confirmed this number. Raises when it has not."""


class Writing:
    """`acknowledged`: the numbers that a server has confirmed. A context: writers work until it ends."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._numbers = count(1)
        self._tasks: list[asyncio.Task[None]] = []
        self.acknowledged: set[int] = set()

    async def __aenter__(self) -> "Writing":
        self._tasks = [asyncio.create_task(self._run()) for _ in range(AT_ONCE)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def more(self, number: int) -> None:
        """Returns once so many more have been confirmed. Raises TimeoutError."""
        wanted = len(self.acknowledged) + number
        async with asyncio.timeout(LIMIT_SECONDS):
            while len(self.acknowledged) < wanted:
                await asyncio.sleep(0.01)

    async def nothing_more(self, seconds: float) -> None:
        """Returns once nothing was confirmed for so long; raises TimeoutError where something always is."""
        async with asyncio.timeout(LIMIT_SECONDS):
            before = -1
            while before != len(self.acknowledged):
                before = len(self.acknowledged)
                await asyncio.sleep(seconds)

    async def _run(self) -> None:
        for number in self._numbers:
            try:
                await self._write(number)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, KafkaError, OSError, TimeoutError):
                await asyncio.sleep(0.05)
            else:
                self.acknowledged.add(number)


class Rows:
    """Writes numbers as rows of a table, each in a transaction of its own."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._free: asyncio.Queue[Any] = asyncio.Queue()

    async def __aenter__(self) -> Write:
        for _ in range(AT_ONCE):
            self._free.put_nowait(await asyncpg.connect(self._dsn))
        return self._write

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while not self._free.empty():
            self._free.get_nowait().terminate()

    async def _write(self, number: int) -> None:
        connection = await self._free.get()
        try:
            if connection.is_closed():
                connection = await asyncpg.connect(self._dsn)
            await connection.execute("INSERT INTO written VALUES ($1)", number)
        finally:
            self._free.put_nowait(connection)


class Records:
    """Writes numbers as records of a topic's only partition. `acks`: as Kafka's producers have it."""

    def __init__(self, bootstrap_servers: str, topic: str, acks: int | str) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap_servers, acks=acks, request_timeout_ms=5_000, retry_backoff_ms=50
        )
        self._topic = topic

    async def __aenter__(self) -> Write:
        await self._producer.start()
        return self._write

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ending = asyncio.ensure_future(self._producer.stop())
        await asyncio.wait([ending], timeout=10)  # it would wait for a broker that is gone
        ending.cancel()
        await asyncio.gather(ending, return_exceptions=True)

    async def _write(self, number: int) -> None:
        await self._producer.send_and_wait(self._topic, str(number).encode(), partition=0)
