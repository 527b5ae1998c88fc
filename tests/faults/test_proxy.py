"""Each kind of bad link, on a server that answers with what it is sent: what passes, what does not, and afterwards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from afterward.stack.ports import LOOPBACK, free_port
from chassis.clock import monotonic
from tests.faults.servers.proxy import Fault, Proxy

SOON_SECONDS = 0.5
"""For what must not come: a test of silence has to wait for some time."""


@asynccontextmanager
async def echoing() -> AsyncIterator[Proxy]:
    """A proxy before a server that sends everything back."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1_000):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, LOOPBACK, target := free_port())
    async with server, Proxy(free_port(), target) as proxy:
        yield proxy


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def of(cls, proxy: Proxy) -> "Client":
        return cls(*await asyncio.open_connection(LOOPBACK, proxy.port))

    async def asked(self, emitted: bytes, limit_seconds: float = 20) -> bytes:
        """What comes back. Raises TimeoutError; ConnectionError or IncompleteReadError where the link is gone."""
        self._writer.write(emitted)
        async with asyncio.timeout(limit_seconds):
            return await self._reader.readexactly(len(emitted))


async def test_what_is_sent_passes_both_ways() -> None:
    async with echoing() as proxy:
        assert await (await Client.of(proxy)).asked(b"x" * 300_000) == b"x" * 300_000


async def test_a_cut_link_is_closed_and_a_new_one_refused_until_it_is_healed() -> None:
    async with echoing() as proxy:
        before = await Client.of(proxy)
        await before.asked(b"hello")
        proxy.strike(Fault("cut", cut=True))
        for client in (before, await Client.of(proxy)):
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await client.asked(b"hello")
        proxy.heal()
        assert await (await Client.of(proxy)).asked(b"hello") == b"hello"


async def test_a_link_that_fell_silent_stays_silent_and_a_new_one_does_not() -> None:
    async with echoing() as proxy:
        before = await Client.of(proxy)
        await before.asked(b"hello")
        proxy.strike(Fault("silent", silent=True))
        with pytest.raises(TimeoutError):
            await before.asked(b"hello", SOON_SECONDS)
        proxy.heal()
        with pytest.raises(TimeoutError):
            await before.asked(b"hello", SOON_SECONDS)
        assert await (await Client.of(proxy)).asked(b"hello") == b"hello"


async def test_a_slow_link_is_late_in_each_direction() -> None:
    async with echoing() as proxy:
        client = await Client.of(proxy)
        proxy.strike(Fault("slow", delay_seconds=0.2))
        began = monotonic()
        assert await client.asked(b"hello") == b"hello"
        assert monotonic() - began >= 0.4


async def test_a_narrow_link_lets_so_many_bytes_through_a_second() -> None:
    async with echoing() as proxy:
        client = await Client.of(proxy)
        proxy.strike(Fault("narrow", bytes_a_second=1_000))
        began = monotonic()
        assert await client.asked(b"x" * 500) == b"x" * 500
        assert monotonic() - began >= 0.4


async def test_a_link_is_reset_upon_what_is_sent_every_other_time_after_the_server_has_it() -> None:
    async with echoing() as proxy:
        proxy.strike(Fault("reset", reset_on=lambda sent: sent == b"commit"))
        for hits in (1, 2):
            client = await Client.of(proxy)
            assert await client.asked(b"hello") == b"hello"
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await client.asked(b"commit")
            assert proxy.hits == hits
