"""TLS of a service: its certificate, and whose client certificates it accepts, read again when the files change."""

import logging
import ssl
from pathlib import Path
from typing import Any

from chassis.questions.settings import HttpSettings, variable

log = logging.getLogger("afterward.service")


class ServerTls:
    """The files behind TLS. Connections that are open keep what they began with. Raises ValueError at its beginning,
    which names the variable, where a file cannot be used."""

    def __init__(self, certificate: Path, key: Path, client_ca: Path | None) -> None:
        self._files = (certificate, key, client_ca)
        self._read_at = self._state()
        self._newest = self._read()

    def context(self, *_: Any) -> ssl.SSLContext:
        """What a server listens with: each new connection is given the newest files."""
        context = self._read()

        def begin(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
            connection.context = self._now()

        context.sni_callback = begin
        return context

    def _now(self) -> ssl.SSLContext:
        state = self._state()
        if state != self._read_at:
            self._read_at = state
            try:
                self._newest = self._read()
            except ValueError as error:
                log.warning("TLS goes on with the certificate of before: %s", error)
        return self._newest

    def _state(self) -> tuple[tuple[int, int, int] | None, ...]:
        return tuple(_state(file) for file in self._files if file is not None)

    def _read(self) -> ssl.SSLContext:
        certificate, key, client_ca = self._files
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.num_tickets = 0  # nobody resumes what began with other files
        context.options |= ssl.OP_NO_TICKET
        try:
            context.load_cert_chain(certificate, key, password=_no_password)
        except (OSError, ValueError) as error:
            files = f"{variable('http_certificate_file')} ({certificate}) and {variable('http_key_file')} ({key})"
            raise ValueError(f"{files} are no certificate with its key: {_why(error)}") from None
        if client_ca is not None:
            context.verify_mode = ssl.CERT_OPTIONAL
            try:
                context.load_verify_locations(client_ca)
            except (OSError, ValueError) as error:
                named = f"{variable('http_client_ca_file')} ({client_ca})"
                raise ValueError(f"{named} has no certificate of an authority: {_why(error)}") from None
        return context


def _no_password() -> str:
    """OpenSSL would ask at the terminal for the password of a key that has one, and wait for ever."""
    raise ValueError("the key has a password, and none can be given")


def _state(file: Path) -> tuple[int, int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return error.reason or "it is not PEM"
    return error.strerror or "it cannot be read" if isinstance(error, OSError) else str(error)


def server_tls_of(settings: HttpSettings) -> ServerTls | None:
    """TLS as the settings want it; None where they name no certificate."""
    if settings.http_certificate_file is None or settings.http_key_file is None:
        return None
    return ServerTls(settings.http_certificate_file, settings.http_key_file, settings.http_client_ca_file)
