"""The health check of the image: 0 when the process answers 200, by TLS or in plain text, else 1 and a sentence."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from afterward.stack.ports import LOOPBACK, free_port
from chassis.process import healthy
from tests.deploy.test_compose import made


class Answering(BaseHTTPRequestHandler):
    """Alive, and not ready."""

    def do_GET(self) -> None:
        """Answers with a status by path."""
        self.send_response(200 if self.path == "/livez" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A process that answers while the block lasts; its port."""
    server = ThreadingHTTPServer((LOOPBACK, 0), Answering)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def test_it_is_well_when_it_lives_and_not_when_it_is_not_ready() -> None:
    with serving() as port:
        assert healthy.status("/livez", port) == 200
        assert healthy.status("/readyz", port) == 503


def test_a_process_that_answers_by_tls_is_asked_by_tls(tmp_path: Path) -> None:
    made(tmp_path / "secrets")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "secrets" / "intake" / "http.crt", tmp_path / "secrets" / "intake" / "http.key")
    with serving(context) as port:
        assert healthy.status("/livez", port) == 200


def test_what_is_wrong_is_a_sentence_and_the_exit_status_is_1(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as port:
        monkeypatch.setattr(healthy.status, "__defaults__", (port,))
        healthy.main([])
        with pytest.raises(SystemExit, match="/readyz: 503"):
            healthy.main(["/readyz"])
    monkeypatch.setattr(healthy.status, "__defaults__", (free_port(),))
    with pytest.raises(SystemExit, match="/livez: no answer"):
        healthy.main([])
