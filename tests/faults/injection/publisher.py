"""A publisher who insists: what the bus has not acknowledged is sent again under the same id, until it is."""

import asyncio
from collections.abc import Iterable, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tests.journeys.stack import Sent, Stack

ACKNOWLEDGED_WITHIN_MS = 3_000
AGAIN_AFTER_SECONDS = 0.2


class InsistentStack(Stack):
    """The stack, told by publishers who live through a bus that is away."""

    async def publish(self, records: Iterable[Sent]) -> None:
        """Returns once every record has been acknowledged, however long the bus is away."""
        left: Sequence[Sent] = list(records)
        self.sent += left
        while left := await self._not_acknowledged(left):
            await asyncio.sleep(AGAIN_AFTER_SECONDS)

    async def _not_acknowledged(self, records: Sequence[Sent]) -> Sequence[Sent]:
        try:
            async with AIOKafkaProducer(
                bootstrap_servers=self.running.bootstrap_servers,
                acks="all",
                max_request_size=4 << 20,
                request_timeout_ms=ACKNOWLEDGED_WITHIN_MS,
            ) as producer:
                futures = [
                    await producer.send(sent.topic, sent.value, sent.key, headers=list(sent.headers))
                    for sent in records
                ]
                answers = await asyncio.gather(*futures, return_exceptions=True)
        except (KafkaError, OSError):
            return records
        return [sent for sent, answer in zip(records, answers, strict=True) if isinstance(answer, BaseException)]
