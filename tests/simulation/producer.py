"""A producer as aiokafka's: a batch on its way is on its way, whatever becomes of its sender."""

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING

from aiokafka.errors import RequestTimedOutError

from schemas.envelope import Headers
from tests.simulation.bus import ANSWER_SECONDS

if TYPE_CHECKING:
    from tests.simulation.process import Process


class FakeBatch:
    """What `create_batch` gives."""

    def __init__(self) -> None:
        self.rows: list[tuple[bytes, bytes, Headers]] = []

    def append(self, *, key: bytes, value: bytes, timestamp: int | None, headers: Headers) -> object:
        self.rows.append((key, value, headers))
        return self


class Producer:
    """What a relay asks of an aiokafka producer. A batch on its way is on its way, whatever becomes of its sender."""

    def __init__(self, process: "Process") -> None:
        self.process, self.world = process, process.world
        self._sender = SimpleNamespace(sender_task=None)
        self._message_accumulator = SimpleNamespace(fail_all=lambda _why: None)

    async def start(self) -> None:
        await self.process.step("start_producer", ANSWER_SECONDS)

    async def flush(self) -> None:
        await self.process.step("flush", ANSWER_SECONDS)

    async def stop(self) -> None:
        await self.process.step("stop_producer", ANSWER_SECONDS)

    def create_batch(self) -> FakeBatch:
        return FakeBatch()

    async def send_batch(self, fake_batch: FakeBatch, topic: str, *, partition: int) -> asyncio.Future[None]:
        await self.process.step("send", ANSWER_SECONDS)
        acknowledged: asyncio.Future[None] = self.world.loop.create_future()
        self.world.loop.create_task(self._carry(fake_batch, topic, partition, acknowledged))
        return acknowledged

    async def _carry(
        self, fake_batch: FakeBatch, topic: str, partition: int, acknowledged: asyncio.Future[None]
    ) -> None:
        world = self.world
        await world.pass_time(ANSWER_SECONDS)
        arrived = not world.faults.strikes("send_lost")
        if arrived:
            for key, value, headers in fake_batch.rows:
                world.bus.append(topic, partition, key, value, headers)
        failed = not arrived or world.faults.strikes("send_answer_lost")
        await world.pass_time(ANSWER_SECONDS)
        await self.process.thawed()
        if acknowledged.done():
            return
        if failed:
            world.note(f"{self.process.name} is told that {topic}[{partition}] failed")
            acknowledged.set_exception(RequestTimedOutError())
        else:
            acknowledged.set_result(None)
        self.process.may_end("sent")
