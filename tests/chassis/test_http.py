"""A request that stays half open, and an answer that nobody takes, end: others are answered meanwhile and after."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

import chassis.process.http
from chassis.process.http import ENDING_SECONDS, Application, HurriedProtocol
from chassis.process.service import Service
from chassis.process.settings import Settings
from services.directory.routes import AGGREGATES

SOON = 0.3
LIMIT_SECONDS = 20


async def answer(scope: Any, receive: Any, send: Any) -> None:
    """Says yes to everything; to `/large` at such length that no buffer takes it."""
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    body = b"x" * (64 << 20 if scope["path"] == "/large" else 1)
    for start in range(0, len(body), 1 << 20):
        await send({"type": "http.response.body", "body": body[start : start + (1 << 20)], "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def served(monkeypatch: pytest.MonkeyPatch, app: Any = answer) -> AsyncIterator[int]:
    """A server in this process, in more of a hurry than those of the services; its port."""
    monkeypatch.setattr(chassis.process.http, "REQUEST_SECONDS", SOON)
    monkeypatch.setattr(chassis.process.http, "ANSWER_SECONDS", SOON)
    config = uvicorn.Config(app, http=HurriedProtocol, lifespan="off", host="127.0.0.1", port=0, log_level="warning")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET /health HTTP/1.1\r\nHost: x\r\n",
        b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf",
    ],
)
async def test_a_request_that_does_not_end_is_let_go(monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    async with served(monkeypatch) as port, asyncio.timeout(LIMIT_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begun)
        assert await ended(reader)
        assert await asked(port) == b"HTTP/1.1 200 OK"


async def test_drops_now_and_then_do_not_prolong_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(monkeypatch) as port, asyncio.timeout(LIMIT_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        waiting = asyncio.create_task(ended(reader))
        writer.write(b"GET /health HTTP/1.1\r\n")
        while not waiting.done():
            writer.write(b"X: y\r\n")
            await asyncio.sleep(SOON / 10)
        assert await waiting


async def test_an_answer_that_nobody_takes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(monkeypatch) as port, asyncio.timeout(LIMIT_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(3 * SOON)
        assert await ended(reader)


async def test_a_request_that_is_whole_is_answered_and_the_next_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(monkeypatch) as port, asyncio.timeout(LIMIT_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(5):
            writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
            await reader.readuntil(b"\r\n0\r\n\r\n")
            await asyncio.sleep(SOON / 2)  # five of them take longer than one may


async def test_an_answer_that_needs_more_time_may_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def late(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope["prolong"](LIMIT_SECONDS)
            await asyncio.sleep(3 * SOON)
            await answer(scope, receive, send)

    async with served(monkeypatch, late) as port, asyncio.timeout(LIMIT_SECONDS):
        assert await asked(port) == b"HTTP/1.1 200 OK"


async def test_a_service_listens_so(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    async def run(_: Any, level: int, options: dict[str, Any]) -> None:
        given.update(options)

    monkeypatch.setattr("faststream.asgi.AsgiFastStream.run", run)
    app = Service("directory", AGGREGATES, Settings()).app
    assert isinstance(app, Application)
    await app.run(run_extra_options={"port": 1})
    listens = {"port": 1, "http": HurriedProtocol, "timeout_graceful_shutdown": ENDING_SECONDS}
    assert given == listens | {"log_config": None}


async def ended(reader: asyncio.StreamReader) -> bool:
    """Returns once the other side has ended the connection, whatever it said before."""
    try:
        while await reader.read(65536):
            pass
    except ConnectionError:
        pass
    return True


async def asked(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    line = await reader.readline()
    writer.close()
    return line.strip()
