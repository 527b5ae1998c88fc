"""A TCP proxy on the loopback interface whose links go bad on request: cut, silent, slow, narrow, or reset in the act.

A *link* is one connection of a client, with the proxy's own to the server behind it.
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType

from afterward.stack.ports import LOOPBACK
from chassis.clock import monotonic

CHUNK_BYTES = 64 * 1024
CHUNKS_ON_THE_WAY = 64
"""In each direction of a link; then the sender is held back, as a full window would do."""
PIECES_A_SECOND = 10
_LINGER_NOT = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the links.

    `cut`: all are closed, and new ones are refused. `silent`: nothing more passes, and nobody is told; a link that was
    silent once stays so until its ends give it up. `delay_seconds`: later in each direction. `bytes_a_second`: at most,
    in each direction of each link. `reset_on`: what a client sends, and upon which its link is reset before any answer;
    every other time the server gets to see it.
    """

    name: str
    cut: bool = False
    silent: bool = False
    delay_seconds: float = 0.0
    bytes_a_second: int = 0
    reset_on: Callable[[bytes], bool] | None = None


NONE = Fault("none")


class Proxy:
    """Passes on to `target` what comes to `port`. `hits`: how often the fault at hand has touched something."""

    def __init__(self, port: int, target: int) -> None:
        self.port, self.target = port, target
        self.fault = NONE
        self.hits = 0
        self._links: set[_Link] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._accept, LOOPBACK, self.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for link in list(self._links):
            link.reset()
        await asyncio.gather(*(link.ended.wait() for link in self._links))

    def strike(self, fault: Fault) -> None:
        """From now on the links suffer from this."""
        self.fault, self.hits = fault, 0
        for link in list(self._links):
            if fault.cut:
                self.hits += 1
                link.reset()

    def heal(self) -> None:
        """From now on everything passes again, but for links that fell silent."""
        self.fault = NONE

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = _Link(self, writer)
        self._links.add(link)
        try:
            if not self.fault.cut:
                await link.run(reader)
        finally:
            link.reset()
            link.ended.set()
            self._links.discard(link)


class _Link:
    """One connection. `ended`: set when nothing of it is left."""

    def __init__(self, proxy: Proxy, client: asyncio.StreamWriter) -> None:
        self._proxy, self._client = proxy, client
        self._server: asyncio.StreamWriter | None = None
        self._silent = False
        self.ended = asyncio.Event()

    async def run(self, reader: asyncio.StreamReader) -> None:
        """Until one of the ends closes it."""
        with suppress(OSError):
            answers, self._server = await asyncio.open_connection(LOOPBACK, self._proxy.target)
            ways = [
                asyncio.create_task(self._pass_on(reader, self._server, upward=True)),
                asyncio.create_task(self._pass_on(answers, self._client, upward=False)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                self._server.close()

    def reset(self) -> None:
        """The client sees its connection reset; the server sees it closed."""
        sock = self._client.get_extra_info("socket")
        if sock is not None and not self._client.transport.is_closing():
            with suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self._client.transport.abort()
        if self._server is not None:
            self._server.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, upward: bool) -> None:
        """One direction: read at once, and written when it is time."""
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(CHUNKS_ON_THE_WAY)
        sending = asyncio.create_task(self._send(on_the_way, writer))
        try:
            with suppress(OSError):
                while data := await reader.read(CHUNK_BYTES):
                    if upward and await self._is_reset_by(data, writer):
                        return
                    await on_the_way.put((monotonic() + self._delay(), data))
                await on_the_way.put((monotonic() + self._delay(), b""))
                await sending
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    def _delay(self) -> float:
        seconds = self._proxy.fault.delay_seconds
        self._proxy.hits += bool(seconds)
        return seconds

    async def _is_reset_by(self, data: bytes, server: asyncio.StreamWriter) -> bool:
        proxy = self._proxy
        if proxy.fault.reset_on is None or not proxy.fault.reset_on(data):
            return False
        proxy.hits += 1
        if proxy.hits % 2:
            server.write(data)
            await server.drain()
        self.reset()
        return True

    async def _send(self, on_the_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            data = b"something"
            while data:
                due, data = await on_the_way.get()
                while (left := due - monotonic()) > 0 and self._proxy.fault.delay_seconds:
                    await asyncio.sleep(min(left, 0.1))
                await self._write(data, writer)

    async def _write(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        proxy = self._proxy
        while data and not self._is_silent():
            a_second = proxy.fault.bytes_a_second
            piece = data[: max(1, a_second // PIECES_A_SECOND)] if a_second else data
            writer.write(piece)
            await writer.drain()
            data = data[len(piece) :]
            if a_second:
                proxy.hits += 1
                await asyncio.sleep(1 / PIECES_A_SECOND)

    def _is_silent(self) -> bool:
        """Whether this link has fallen silent, for ever."""
        self._silent |= self._proxy.fault.silent
        self._proxy.hits += self._proxy.fault.silent
        return self._silent
