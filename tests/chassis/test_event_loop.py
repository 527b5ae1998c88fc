"""A link to the bus that breaks is a bad link to its client, on the loop that services run on."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import uvloop
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.coordination import FindCoordinatorRequest

from chassis.process import event_loop
from chassis.process.event_loop import install_loop

Send = Callable[..., Any]


@pytest.fixture(autouse=True)
def undone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is installed by a test is gone after it."""
    monkeypatch.setattr(asyncio, "set_event_loop_policy", lambda _policy: None)
    monkeypatch.setattr(AIOKafkaConnection, "send", event_loop._send)


async def sent_on_a_broken_link() -> AIOKafkaConnection:
    """A connection that has tried to send when its link had just been broken, and nobody had noticed yet."""
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        connection = AIOKafkaConnection(host, port)
        connection._reader, connection._writer = await asyncio.open_connection(host, port)
        connection._read_task = asyncio.create_task(asyncio.sleep(0))
        connection._versions = {FindCoordinatorRequest.API_KEY: (0, 0)}
        connection._writer.transport.abort()
        await asyncio.sleep(0.01)
        connection.send(FindCoordinatorRequest("group", 0))
        return connection


def on_uvloop(main: Callable[[], Any]) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main())


def test_a_write_to_a_link_that_has_just_broken_is_an_error_of_the_connection() -> None:
    install_loop()
    with pytest.raises(KafkaConnectionError, match="broken"):
        on_uvloop(sent_on_a_broken_link)


def test_which_it_would_not_be_to_aiokafka_alone() -> None:
    """Otherwise the test above shows nothing, and `install_loop` need do nothing of its own any more."""
    with pytest.raises(RuntimeError, match="closed"):
        on_uvloop(sent_on_a_broken_link)
