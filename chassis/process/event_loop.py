"""The event loop of a service: uvloop, and what the client of the bus does not expect of it."""

from typing import Any

import uvloop
from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError

_send: Any = AIOKafkaConnection.send


def install_loop() -> None:
    """Whatever loop this process makes from now on is uvloop's, and aiokafka's connections know how it fails.

    Who writes to a connection that has just broken gets a RuntimeError from uvloop. aiokafka takes OSErrors for a bad
    link and anything else for a defect, and ends whoever has sent: its fetcher ended for good, while the heartbeats
    went on and the group took the consumer for a living one.
    """
    uvloop.install()
    AIOKafkaConnection.send = _send_or_break  # type: ignore[method-assign]


def _send_or_break(self: AIOKafkaConnection, request: Any, expect_response: bool = True) -> Any:
    try:
        return _send(self, request, expect_response)
    except RuntimeError as error:
        self.close(reason=CloseReason.CONNECTION_BROKEN)
        raise KafkaConnectionError(f"Connection at {self.host}:{self.port} broken: {error}") from error
