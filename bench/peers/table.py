"""The peers, in the order in which they are shown, and how each is started."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from secrets import token_hex

from afterward.stack.kafka.jars import find_java
from bench import job, one_rule
from bench.peers import environments
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
async def _afterward(servers: Servers, env: Mapping[str, str]) -> AsyncIterator[Process]:
    dsn = await servers.fresh_database(one_rule.SERVICE, one_rule.AGGREGATES)
    async with servers.service("bench.one_rule:app", dsn, name="afterward", env=env) as process:
        yield process
    await servers.drop_database(dsn)


@asynccontextmanager
async def _faststream(servers: Servers, env: Mapping[str, str], workers: int) -> AsyncIterator[Process]:
    dsn = await servers.fresh_database()
    given = {**env, **_named(servers), "BENCH_DSN": dsn, "BENCH_WORKERS": str(workers)}
    given["BENCH_GROUP"] = new_group("faststream")
    command = [sys.executable, "-m", "faststream", "run", "bench.peers.faststream_rows:app"]
    async with servers.process("faststream", command, given) as process:
        yield process
    await servers.drop_database(dsn)


@asynccontextmanager
async def _quix(servers: Servers, env: Mapping[str, str]) -> AsyncIterator[Process]:
    python = await asyncio.to_thread(environments.python, "quix.txt")
    async with servers.process(
        "quix", [python, "-m", "bench.peers.quix", *_arguments(servers, "quix")], env
    ) as process:
        yield process


@asynccontextmanager
async def _faust(servers: Servers, env: Mapping[str, str]) -> AsyncIterator[Process]:
    python = await asyncio.to_thread(environments.python, "faust.txt")
    group, folder = _arguments(servers, "faust")[3:]
    given = {**env, **_named(servers), "BENCH_GROUP": group}
    options = ["--datadir", folder, "--loop", "uvloop", "worker", "--without-web", "--loglevel", "warn"]
    command = [python, "-m", "faust", "-A", "bench.peers.faust_table", *options]
    async with servers.process("faust", command, given) as process:
        yield process


@asynccontextmanager
async def _kafka_streams(servers: Servers, env: Mapping[str, str]) -> AsyncIterator[Process]:
    classes = await asyncio.to_thread(environments.java_classes, "ConsecutiveNegatives.java", "streams.xml")
    command = [str(find_java()), "-cp", classes, "ConsecutiveNegatives", *_arguments(servers, "streams")]
    async with servers.process("streams", command, env) as process:
        yield process


@asynccontextmanager
async def _copy_through(servers: Servers, env: Mapping[str, str]) -> AsyncIterator[Process]:
    dsn = await servers.fresh_database()
    command = [sys.executable, "-m", "bench.peers.copy_through", *_arguments(servers, "copy_through")[:4], dsn]
    async with servers.process("copy_through", command, env) as process:
        yield process
    await servers.drop_database(dsn)


def _arguments(servers: Servers, name: str) -> list[str]:
    """SERVERS REPORTS RESULTS GROUP FOLDER: group and folder are new, so that no state of an earlier run is found."""
    group = new_group(name)
    return [servers.bootstrap_servers, job.REPORTS, job.RESULTS, group, str(servers.folder / group)]


def new_group(name: str) -> str:
    """A group, or application id, that nobody has used on any bus: one that was used restores its old changelog."""
    return f"{name}-{token_hex(8)}"


def _named(servers: Servers) -> dict[str, str]:
    return {"BENCH_SERVERS": servers.bootstrap_servers, "BENCH_REPORTS": job.REPORTS, "BENCH_RESULTS": job.RESULTS}


_OF_SERVICE = tuple(topic.name for topic in (*by_service(one_rule.SERVICE), *published_by(one_rule.SERVICE)))

PEERS = (
    Peer("afterward", "Afterward, one process", _afterward, topics=_OF_SERVICE),
    Peer("faststream_one_worker", "FastStream, a transaction a message", partial(_faststream, workers=1)),
    Peer("faststream_six_workers", "the same with six workers", partial(_faststream, workers=6)),
    Peer("quix_exactly_once", "Quix Streams, exactly once", _quix),
    Peer("faust", "Faust", _faust),
    Peer("kafka_streams_exactly_once", "Kafka Streams, exactly once", _kafka_streams),
    Peer("copy_through", "copy-through: nothing judged", _copy_through, copies=True),
)
