"""How a service listens to HTTP: whoever begins a request and does not end it, or never takes the answer, is let go.

Uvicorn closes a connection that idles between two requests; one that stops within a request stays for ever, and with
enough of them nobody is answered any more.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import h11
from faststream.asgi import AsgiFastStream, AsgiResponse
from uvicorn.protocols.http.h11_impl import H11Protocol

from chassis.process.logs import take_over
from chassis.process.server_tls import ServerTls
from chassis.questions.application import PREFIX, QuestionsApplication
from chassis.questions.authentication import CERTIFICATE, is_loopback
from chassis.questions.problem import Problem, send_problem
from chassis.questions.settings import AUTHENTICATION

REQUEST_SECONDS: Final = 10.0
"""So long a request may take to arrive whole, counted from the connection or from the answer before it."""
ANSWER_SECONDS: Final = 60.0
"""So long an answer may take to be made and taken."""
ENDING_SECONDS: Final = 5
"""So long requests in hand may take when the process is asked to end."""


class HurriedProtocol(H11Protocol):
    """HTTP/1.1 with a deadline for each request and each answer."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first request has to come in time. Requests bring the certificate that the connection has shown."""
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        self.app = partial(self._answer, self.app, tls.getpeercert() if tls is not None else None)
        self._expect(REQUEST_SECONDS)

    async def _answer(self, app: Any, certificate: Any, scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, CERTIFICATE: certificate, "prolong": self._expect}, receive, send)

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


class NotForOthers(SystemExit):
    """A service that asks nobody who they are must not listen where others reach it: the process ends, and its last
    line says what to set."""


class Application(AsgiFastStream):
    """A FastStream application that is served so. `tls`: over TLS; `questions`: what answers `/v1/…`, if anything.

    `log_lines`: whose lines a log has, from which level on, in which format; None: logging is left as it is.
    """

    tls: ServerTls | None = None
    log_lines: tuple[str, str, str] | None = None
    questions: QuestionsApplication | None = None

    async def run(self, log_level: int = logging.INFO, run_extra_options: dict[str, Any] | None = None) -> None:
        """Serves until it is asked to end, with the options of `faststream run`. Raises NotForOthers."""
        if self.log_lines is not None:
            log_level = take_over(*self.log_lines)
        options: dict[str, Any] = {
            "log_config": None,  # Uvicorn's own would take its loggers back
            "timeout_graceful_shutdown": ENDING_SECONDS,
            **(run_extra_options or {}),
            "http": HurriedProtocol,
        }
        self._ensure_own(options)
        if self.tls is not None:
            options["ssl_context_factory"] = self.tls.context
        await super().run(log_level, options)

    def _ensure_own(self, options: Mapping[str, Any]) -> None:
        if self.questions is None or self.questions.authentication.is_on or options.get("uds"):
            return
        host = str(options.get("host", "127.0.0.1"))
        if options.get("fd") is not None or not is_loopback(host):
            raise NotForOthers(
                f"without authentication a service answers this machine only, and it was started with --host {host}: "
                f"set {AUTHENTICATION}; or take --host 127.0.0.1"
            )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers a request, or lives for as long as the process does."""
        asked = scope["type"] == "http" and (scope["path"] == PREFIX or scope["path"].startswith(f"{PREFIX}/"))
        if asked and self.questions is not None:
            await self.questions(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def not_found(self, scope: Any, receive: Any, send: Any) -> None:
        """What nobody answers."""
        if scope["type"] == "http":
            await send_problem(Problem("no_such_path", "no such path: /v1/openapi.json has those there are"), send)
        else:
            await super().not_found(scope, receive, send)


def json_answer(body: Mapping[str, Any], status: int) -> AsgiResponse:
    """A body as JSON."""
    content = json.dumps(body, default=lambda value: value.isoformat()).encode()
    return AsgiResponse(content, status, {"content-type": "application/json"})
