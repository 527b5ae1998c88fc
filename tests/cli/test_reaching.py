"""A verb that cannot use the bus says why in one line, and its client adds none of its own."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from afterward.cli.console import Failure
from afterward.cli.reaching import reaching
from afterward.demo.listener import Listener
from afterward.stack.clients import started
from afterward.stack.ports import LOOPBACK, free_port
from afterward.stack.topics import end_offsets
from chassis.clock import RealTime
from chassis.consume.landmarks import stamps_at
from chassis.store.heard import Heard

PLACE = TopicPartition("treatment.reports.v1", 0)


async def publishes(bus: str) -> None:
    async with started(AIOKafkaProducer(bootstrap_servers=bus)):
        pytest.fail("it has started")


async def reads(bus: str) -> None:
    async with started(AIOKafkaConsumer(bootstrap_servers=bus)):
        pytest.fail("it has started")


async def listens(bus: str) -> None:
    async with Listener(bus):
        pytest.fail("it has started")


async def hears(bus: str) -> None:
    async with Heard("treatment", bus, RealTime()):
        pytest.fail("it has started")


async def asks_for_ends(bus: str) -> None:
    await end_offsets(bus, [PLACE])


async def asks_for_stamps(bus: str) -> None:
    await stamps_at(bus, {PLACE: 0})


@pytest.mark.parametrize("tries", [publishes, reads, listens, hears, asks_for_ends, asks_for_stamps])
async def test_a_client_that_cannot_start_is_ended(
    tries: Callable[[str], Awaitable[None]], recwarn: pytest.WarningsRecorder
) -> None:
    complaints: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context["message"]))
    nobody = f"{LOOPBACK}:{free_port()}"
    with pytest.raises((Failure, KafkaError)):
        async with reaching(nobody):
            await tries(nobody)
    gc.collect()
    assert complaints == []
    assert not [one for one in recwarn if "Unclosed" in str(one.message)]
