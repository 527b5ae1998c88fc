"""The peers, in the order in which they are shown, and how each is started."""

import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from bench import job, one_rule
from bench.servers import Process, Servers
from schemas.topics import by_service, published_by

Start = Callable[[Servers, Mapping[str, str]], AbstractAsyncContextManager[Process]]
"""(servers, environment) → the peer as a process, given back once it has been started."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One way to do the job. `name`: its key in `latest.json`; `copies`: it judges nothing, and says every record."""

    name: str
    title: str
    start: Start
    topics: tuple[str, ...] = (job.REPORTS, job.RESULTS)
    copies: bool = False


@asynccontextmanager
async def afterward(servers: Servers, env: Mapping[str, str]) -> AsyncIterator[Process]:
    """This engine in one process, with the settings it has when nobody sets any."""
    dsn = await servers.fresh_database(one_rule.SERVICE, one_rule.KINDS)
    async with servers.service("bench.one_rule:app", dsn, name="afterward", env=env) as process:
        yield process
    await servers.drop_database(dsn)


@asynccontextmanager
async def copy_through(servers: Servers, env: Mapping[str, str]) -> AsyncIterator[Process]:
    """Nothing judged: what these clients and this machine can do at most."""
    dsn = await servers.fresh_database()
    command = [sys.executable, "-m", "bench.peers.copy_through", servers.bootstrap_servers, *_TOPICS, dsn]
    async with servers.process("copy_through", command, env) as process:
        yield process
    await servers.drop_database(dsn)


_TOPICS = (job.REPORTS, job.RESULTS)
_OF_SERVICE = tuple(topic.name for topic in (*by_service(one_rule.SERVICE), *published_by(one_rule.SERVICE)))

PEERS = (
    Peer("afterward", "Afterward, one process", afterward, topics=_OF_SERVICE),
    Peer("copy_through", "copy-through: nothing judged", copy_through, copies=True),
)
