"""Whoever uses a group's name without belonging to it, and what a process says that is refused because of it."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import InconsistentGroupProtocolError, KafkaError

from schemas.topics import by_service
from tests.faults.processes.stack import ASK_AGAIN_SECONDS, LIMIT_SECONDS

REFUSED = "has members that do not belong to this stack"


class NotRefused(Exception):
    """A stranger was let into a group that has its members."""


def _consumer(bootstrap_servers: str, service: str) -> AIOKafkaConsumer:
    """As any tutorial has it, but for the name of its group."""
    return AIOKafkaConsumer(
        *(topic.name for topic in by_service(service)),
        bootstrap_servers=bootstrap_servers,
        group_id=service,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        session_timeout_ms=6_000,
    )


async def knock(bootstrap_servers: str, service: str) -> None:
    """A stranger wants to be let into a group that is at work. Raises NotRefused when it is."""
    stranger = _consumer(bootstrap_servers, service)
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            await stranger.start()
    except InconsistentGroupProtocolError:
        return
    finally:
        await stranger.stop()
    raise NotRefused(f"a stranger was let into group {service}")


@asynccontextmanager
async def in_the_empty_group(bootstrap_servers: str, service: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A stranger who is in the group, once that has forgotten its members. Raises TimeoutError."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while (stranger := await _let_in(bootstrap_servers, service)) is None:
            await asyncio.sleep(ASK_AGAIN_SECONDS)
    try:
        yield stranger
    finally:
        await stranger.stop()


async def _let_in(bootstrap_servers: str, service: str) -> AIOKafkaConsumer | None:
    stranger = _consumer(bootstrap_servers, service)
    try:
        await stranger.start()
    except KafkaError:
        await stranger.stop()
        return None
    return stranger


async def eat(stranger: AIOKafkaConsumer) -> int:
    """Reads everything there is, and commits in the group's name; how many records that were. Raises TimeoutError."""
    eaten = 0
    async with asyncio.timeout(LIMIT_SECONDS):
        mine = list(stranger.assignment())
        ends = await stranger.end_offsets(mine)
        while any([await stranger.position(at) < ends[at] for at in mine]):
            eaten += sum(map(len, (await stranger.getmany(timeout_ms=100)).values()))
        await stranger.commit()
    return eaten


async def refused(health: str) -> str:
    """What a process says of its group once it is refused. Raises TimeoutError."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while REFUSED not in (emitted := await asyncio.to_thread(_logged_of_its_group, health)):
            await asyncio.sleep(ASK_AGAIN_SECONDS)
    return emitted


def _logged_of_its_group(health: str) -> str:
    try:
        with urllib.request.urlopen(health, timeout=5) as answer:  # noqa: S310 - our own
            body = json.load(answer)
    except urllib.error.HTTPError as unhealthy:
        body = json.load(unhealthy)
    except OSError:
        return ""
    return str(body.get("group", ""))
