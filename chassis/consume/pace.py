"""When the next fetch is sent to a bus that does not wake whoever waits for records.

Apache Kafka holds a fetch until there is something, so nobody need ask often. Such a bus answers at once, and each
answer costs it and us the same whether it holds anything: so there is a pause after one that brought nothing, and
whoever cannot wait ends it.
"""

import asyncio
from contextlib import suppress

from aiokafka import AIOKafkaConsumer

from chassis.consume.library_internals import fetch_then, fetcher_of


class Pace:
    """How long a consumer rests after an answer without records. 0: not at all, the bus holds the fetch."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._hurry = asyncio.Event()

    def keep(self, consumer: AIOKafkaConsumer) -> None:
        """From now on a started consumer keeps this pace. Can be said again."""
        if self._seconds:
            fetch_then(fetcher_of(consumer), self._rest)

    def hurry(self) -> None:
        """Somebody waits for what there may be: the present pause ends, or the next one where none is."""
        self._hurry.set()

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._seconds):
                await self._hurry.wait()
        self._hurry.clear()
