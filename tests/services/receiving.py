"""Receivers outside, as real servers in this process: an HTTP server that answers as it is told, and a mail server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Got:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Receiver:
    """Answers with the next of `answers`, then with 200; `hang` makes it never answer."""

    answers: list[int] = field(default_factory=list)
    hang: bool = False
    got: list[Got] = field(default_factory=list)
    port: int = 0

    def url(self, path: str = "/in") -> str:
        return f"http://{LOOPBACK}:{self.port}{path}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """What every path does, but for the two below."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.got.append(Got(request.path, headers, await request.text()))
        if self.hang:
            await asyncio.Event().wait()
        status = self.answers.pop(0) if self.answers else 200
        location = {"location": self.url("/elsewhere")} if 300 <= status < 400 else {}
        return web.Response(status=status, headers=location)

    async def endless(self, request: web.Request) -> web.StreamResponse:
        """Answers 200 with a body that has no end."""
        self.got.append(Got(request.path, {}, await request.text()))
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65_536)


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncIterator[Receiver]:
    """The receiver, listening."""
    application = web.Application()
    application.router.add_post("/endless", receiver.endless)
    application.router.add_route("*", "/{path:.*}", receiver.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, LOOPBACK, 0)
    await site.start()
    receiver.port = runner.addresses[0][1]
    try:
        yield receiver
    finally:
        await runner.cleanup()


@dataclass
class Post:
    """A mail server that refuses who it is told to refuse."""

    refuse: str | None = None
    got: list[Envelope] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.got.append(envelope)
        return "250 taken"


@asynccontextmanager
async def posting(post: Post) -> AsyncIterator[Post]:
    """The mail server, listening; it offers no TLS."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(post, hostname="localhost", loop=loop), LOOPBACK, 0)
    post.port = server.sockets[0].getsockname()[1]
    try:
        yield post
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def counting() -> AsyncIterator[tuple[int, list[str]]]:
    """A port on which nobody should ever call, and who did."""
    calls: list[str] = []

    def called(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(str(writer.get_extra_info("peername")))
        writer.close()

    server = await asyncio.start_server(called, LOOPBACK, 0)
    try:
        yield server.sockets[0].getsockname()[1], calls
    finally:
        server.close()
        await server.wait_closed()
