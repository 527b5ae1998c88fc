"""TLS before a PostgreSQL that was built without it, as the embedded one is: what a client sees is a server with TLS.

It answers a client's SSLRequest, shakes hands, and hands on what comes then. Who asks for no TLS is refused as by a
`pg_hba.conf` that has `hostssl` lines only. It runs in a thread of its own, so that it outlives a test's event loop.
"""

import asyncio
import ssl
import struct
import threading
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

from tests.certificates import Issued

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_REFUSAL = b"SFATAL\0VFATAL\0C28000\0Mno pg_hba.conf entry for this host, no encryption\0\0"


class TlsFront:
    """`shown`: the certificate; None: it answers that it speaks no TLS, and lets nobody in."""

    def __init__(self, dsn: str, shown: Issued | None) -> None:
        """`dsn`: of the server behind it."""
        self.shown = shown
        address = urlsplit(dsn)
        self._host, self._port = str(address.hostname), int(address.port or 5432)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tls front", daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.handshakes = 0
        """So many clients have been let through, over TLS."""
        self.port = 0

    def start(self) -> None:
        """It listens when this returns."""
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop
        ).result(30)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Whoever is connected is cut off."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()

    def cut(self) -> None:
        """Ends all connections; new ones are taken."""
        self._loop.call_soon_threadsafe(self._cut)

    def in_front_of(self, dsn: str) -> str:
        """A DSN of the server behind it, as one of it."""
        address = urlsplit(dsn)
        account = address.netloc.rpartition("@")[0]
        return urlunsplit(address._replace(netloc=f"{account}@127.0.0.1:{self.port}"))

    async def _end(self) -> None:
        self._server.close()
        self._cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            with suppress(OSError, EOFError, ssl.SSLError):
                if await self._is_encrypted(reader, writer):
                    self.handshakes += 1
                    await self._hand_on(reader, writer)
        finally:
            writer.close()
            self._writers.discard(writer)
            self._tasks.discard(task)

    async def _is_encrypted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if await reader.readexactly(8) != _SSL_REQUEST:
            writer.write(b"E" + struct.pack("!i", len(_REFUSAL) + 4) + _REFUSAL)
            await writer.drain()
            return False
        shown = self.shown
        writer.write(b"S" if shown else b"N")
        await writer.drain()
        if shown is None:
            return False
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(shown.certificate, shown.key)
        await writer.start_tls(context)
        return True

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(self._host, self._port)
        self._writers.add(to_server)
        ways = [asyncio.ensure_future(_pour(reader, to_server)), asyncio.ensure_future(_pour(from_server, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            to_server.close()
            self._writers.discard(to_server)


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while given := await reader.read(65_536):
            writer.write(given)
            await writer.drain()
