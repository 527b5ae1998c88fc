"""Services that only answer questions, from databases that are there already: HTTP as it is, without a bus."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any

import uvicorn

from afterward.stack.ports import LOOPBACK, free_port
from chassis.clock import Timeline
from chassis.questions.application import QuestionsApplication
from chassis.questions.authentication import Authentication
from chassis.questions.pool import READ_ONLY, Pool
from chassis.store.connection import connect

BEGIN_SECONDS = 60


@contextmanager
def answering(dsns: Mapping[str, str], timeline: Timeline) -> Iterator[dict[str, str]]:
    """Service → its base URL, while they listen on this machine. `dsns`: service → its database."""
    servers: dict[str, uvicorn.Server] = {}
    for name, dsn in dsns.items():
        config = uvicorn.Config(_application(name, dsn, timeline), LOOPBACK, free_port(), log_level="error")
        servers[name] = uvicorn.Server(config)
    thread = threading.Thread(target=asyncio.run, args=(_serve(list(servers.values())),), daemon=True)
    thread.start()
    try:
        yield {name: f"http://{LOOPBACK}:{server.config.port}" for name, server in servers.items()}
    finally:
        for server in servers.values():
            server.should_exit = True
        thread.join(BEGIN_SECONDS)


def _application(service: str, dsn: str, timeline: Timeline) -> Any:
    pool = Pool(partial(connect, dsn, 30, **READ_ONLY), 4, 30)
    kinds = import_module(f"services.{service}.routes").AGGREGATES
    table = import_module(f"services.{service}.views").QUESTIONS
    questions = QuestionsApplication(service, kinds, table, pool, timeline, Authentication(None, None))

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await questions(scope, receive, send)

    return application


async def _serve(servers: list[uvicorn.Server]) -> None:
    await asyncio.gather(*(server.serve() for server in servers))
