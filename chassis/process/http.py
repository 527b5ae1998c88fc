"""How a service listens to HTTP: whoever begins a request and does not end it, or never takes the answer, is let go.

Uvicorn closes a connection that idles between two requests; one that stops within a request stays for ever, and with
enough of them nobody is answered any more.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any, Final

import h11
from faststream.asgi import AsgiFastStream, AsgiResponse
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_SECONDS: Final = 10.0
"""So long a request may take to arrive whole, counted from the connection or from the answer before it."""
ANSWER_SECONDS: Final = 60.0
"""So long an answer may take to be made and taken."""


class HurriedProtocol(H11Protocol):
    """HTTP/1.1 with a deadline for each request and each answer."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first request has to come in time."""
        super().connection_made(transport)
        self._expect(REQUEST_SECONDS)

    def data_received(self, data: bytes) -> None:
        """Drops that come now and then do not prolong the time; only a request that is whole does."""
        before = self.conn.their_state
        super().data_received(data)
        if self.conn.their_state is h11.DONE and before is not h11.DONE:
            self._expect(ANSWER_SECONDS)

    def on_response_complete(self) -> None:
        """The next request has to come in time."""
        super().on_response_complete()
        self._expect(REQUEST_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more is expected."""
        super().connection_lost(exc)
        if self._deadline is not None:
            self._deadline.cancel()

    def _expect(self, seconds: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        if not self.transport.is_closing():
            self._deadline = self.loop.call_later(seconds, self.transport.abort)


class Application(AsgiFastStream):
    """A FastStream application that is served so."""

    async def run(self, log_level: int = logging.INFO, run_extra_options: dict[str, Any] | None = None) -> None:
        """Serves until it is asked to end, with the options of `faststream run`."""
        options: dict[str, Any] = {**(run_extra_options or {}), "http": HurriedProtocol}
        await super().run(log_level, options)


def json_answer(body: Mapping[str, Any], status: int) -> AsgiResponse:
    """A body as JSON."""
    content = json.dumps(body, default=lambda value: value.isoformat()).encode()
    return AsgiResponse(content, status, {"content-type": "application/json"})
