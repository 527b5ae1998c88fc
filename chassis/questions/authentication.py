"""Who asks over HTTP: the bearer token, else the client certificate; without either configured, only this machine."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from chassis.questions.certificates import Certificates, certificates_of
from chassis.questions.problem import Problem
from chassis.questions.reader import LOCAL, Reader
from chassis.questions.settings import LOOPBACK, HttpSettings

if TYPE_CHECKING:
    from chassis.questions.tokens import Tokens

CERTIFICATE: Final = "client_certificate"
"""Where the scope of a request has the certificate that its connection has shown."""
CHALLENGE: Final = {"www-authenticate": "Bearer"}


class Authentication:
    """Finds the reader of a request."""

    def __init__(self, tokens: Tokens | None, certificates: Certificates | None) -> None:
        self._tokens, self._certificates = tokens, certificates

    @property
    def is_on(self) -> bool:
        """Whether readers have to say who they are."""
        return self._tokens is not None or self._certificates is not None

    async def reader(self, scope: Mapping[str, Any]) -> Reader:
        """Who asks. Raises Problem."""
        if not self.is_on:
            _ensure_local(scope)
            return LOCAL
        given = _headers(scope, b"authorization")
        if given and self._tokens is not None:
            return await self._tokens.reader(_bearer(given))
        certificate = scope.get(CERTIFICATE)
        if certificate and self._certificates is not None:
            return self._certificates.reader(certificate)
        raise Problem("not_authenticated", f"show {self._what()}", CHALLENGE if self._tokens else None)

    def _what(self) -> str:
        ways = (("a bearer token", self._tokens), ("a client certificate", self._certificates))
        return " or ".join(words for words, way in ways if way is not None)


def authentication_of(settings: HttpSettings) -> Authentication:
    """As the settings want it. Raises ValueError, which names the variable, where a file cannot be used."""
    tokens = None
    if settings.oidc_issuer is not None:
        from chassis.questions.tokens import tokens_of  # noqa: PLC0415 - much to load for those who have no tokens

        tokens = tokens_of(settings)
    return Authentication(tokens, certificates_of(settings))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and nothing else."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host in LOOPBACK


def _ensure_local(scope: Mapping[str, Any]) -> None:
    """Raises Problem for another machine, and for a page of the web that a browser on this one has open."""
    client = scope.get("client")
    hosts = _headers(scope, b"host")
    named = hosts[0].decode("latin-1") if len(hosts) == 1 else ""
    name = named.partition("]")[0] if named.startswith("[") else named.partition(":")[0]
    if (client is not None and not is_loopback(client[0])) or not is_loopback(name):
        raise Problem(
            "not_local", "no authentication is configured, so only this machine may ask, by its loopback name"
        )


def _bearer(given: list[bytes]) -> str:
    scheme, _, token = given[0].decode("latin-1").partition(" ")
    if len(given) != 1 or scheme.lower() != "bearer" or not token.isascii():
        raise Problem("bad_token", "there must be one Authorization header: Bearer and the token", CHALLENGE)
    return token.strip()


def _headers(scope: Mapping[str, Any], name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]
