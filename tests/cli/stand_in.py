"""A service as the command line meets it over HTTP, in a thread of its own: it answers what it was given to say."""

import asyncio
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

LIMIT_SECONDS = 60


@dataclass
class StandIn:
    """`answers`: `GET /v1/parked` → status and body, for whatever parameters. `asked`: the requests that came."""

    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    asked: list[web.BaseRequest] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """As a service would: problem+json for all that it does not know."""
        self.asked.append(request)
        self.bodies.append(await request.json() if request.method == "POST" else None)
        problem = (404, {"title": "The service knows nothing of it", "detail": "there is no such path"})
        status, body = self.answers.get(f"{request.method} {request.path}", problem)
        return web.json_response(body, status=status)

    def headers(self, name: str) -> list[str | None]:
        """What each request had under this name."""
        return [request.headers.get(name) for request in self.asked]


@contextmanager
def serving(answers: Mapping[str, tuple[int, Any]], tls: ssl.SSLContext | None = None) -> Iterator[StandIn]:
    """One that listens on this machine while it lasts."""
    service, listens, ends = StandIn(dict(answers)), threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(service, tls, listens, ends)), daemon=True)
    thread.start()
    try:
        if not listens.wait(LIMIT_SECONDS):
            raise TimeoutError("the stand-in did not begin to listen")
        yield service
    finally:
        ends.set()
        thread.join(LIMIT_SECONDS)


async def _serve(service: StandIn, tls: ssl.SSLContext | None, listens: threading.Event, ends: threading.Event) -> None:
    runner = web.ServerRunner(web.Server(service.answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    service.url = f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
    listens.set()
    await asyncio.to_thread(ends.wait)
    await runner.cleanup()
