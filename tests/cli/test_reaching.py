"""A verb that cannot use the bus says why in one line, and its client adds none of its own."""

import asyncio
import gc
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from afterward.cli.console import Failure
from afterward.cli.reaching import reaching, started
from afterward.stack.ports import LOOPBACK, free_port


@pytest.mark.parametrize("client", [AIOKafkaProducer, AIOKafkaConsumer])
async def test_a_client_that_cannot_start_is_ended(client: type[Any], recwarn: pytest.WarningsRecorder) -> None:
    complaints: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context["message"]))
    nobody = f"{LOOPBACK}:{free_port()}"
    with pytest.raises((Failure, KafkaError)):
        async with reaching(nobody), started(client(bootstrap_servers=nobody, request_timeout_ms=1_000)):
            pytest.fail("it has started")
    gc.collect()
    assert complaints == []
    assert not [one for one in recwarn if "Unclosed" in str(one.message)]
