"""Kafka's clients, from their start to their end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar


class Client(Protocol):
    """A producer or a consumer of Kafka's client."""

    async def start(self) -> None:
        """Connects."""

    async def stop(self) -> None:
        """Ends what it has begun, also where it could not connect."""


C = TypeVar("C", bound=Client)


@asynccontextmanager
async def started(client: C) -> AsyncIterator[C]:
    """From its start to its end. `async with client` forgets one that cannot start, which then complains by itself."""
    try:
        await client.start()
        yield client
    finally:
        await client.stop()
