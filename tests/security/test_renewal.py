"""What the libraries are taken to do with a context and a password: ask for them anew for each connection."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest
import uvloop
from aiokafka.conn import ScramAuthenticator

from chassis.secret_files import Password, RenewedContext, client_context
from tests.certificates import Authority
from tests.secured import secret_file


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_context_is_made_anew_for_each_connection(new_loop: Any, tmp_path: Path) -> None:
    loop: asyncio.AbstractEventLoop = new_loop()
    try:
        loop.run_until_complete(_replace_an_authority(tmp_path))
    finally:
        loop.close()


async def _replace_an_authority(folder: Path) -> None:
    trusted, untrusted = Authority(folder / "one"), Authority(folder / "other", "other")
    issued, file = trusted.issue("server", "127.0.0.1"), folder / "ca.pem"
    file.write_bytes(trusted.file.read_bytes())
    shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shown.load_cert_chain(issued.certificate, issued.key)
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=shown)
    port, context = server.sockets[0].getsockname()[1], RenewedContext.of(lambda: client_context(file, None, None))

    async def connect() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        writer.close()

    await connect()
    file.write_bytes(untrusted.file.read_bytes())
    with pytest.raises(ssl.SSLCertVerificationError):
        await connect()
    file.unlink()
    with pytest.raises(OSError, match="No such file"):
        await connect()
    file.write_bytes(trusted.file.read_bytes())
    await connect()
    server.close()


def test_scram_encodes_its_password_for_each_connection(tmp_path: Path) -> None:
    file = secret_file(tmp_path / "password", "first")
    password = Password.of(file)
    first = _salted(password)
    secret_file(file, "second")
    assert _salted(password) == _salted("second") != first == _salted("first")


def _salted(password: str) -> bytes:
    made: Any = ScramAuthenticator(
        loop=None, sasl_plain_password=password, sasl_plain_username="me", sasl_mechanism="SCRAM-SHA-512"
    )
    made.create_salted_password(b"salt", 4096)
    found: bytes = vars(made)["_salted_password"]
    return found
