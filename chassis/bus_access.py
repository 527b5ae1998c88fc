"""How Kafka is reached: its address, TLS, and who this process is there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from chassis.bus_token import ClientCredentials
from chassis.secret_files import (
    AccessUnusable,
    Password,
    RenewedContext,
    client_context,
    wrong_with_certificates,
    wrong_with_secret,
)

PROTOCOLS: Final = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
SCRAM: Final = ("SCRAM-SHA-512", "SCRAM-SHA-256")
MECHANISMS: Final = (*SCRAM, "PLAIN", "OAUTHBEARER")
_CERTIFICATES: Final = ("ca_file", "certificate_file", "key_file")
_PASSWORD: Final = ("username", "password_file")
_TOKEN: Final = ("token_url", "client_id", "client_secret_file")

Wrong = Iterator[tuple[str, str]]
"""Field and what is wrong with it; other fields stand in braces."""


@dataclass(frozen=True, slots=True)
class BusAccess:
    """Address and credentials of a Kafka. Files are paths; what they hold is read when a connection is made."""

    bootstrap_servers: str
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    token_url: str | None = None
    client_id: str | None = None
    client_secret_file: Path | None = None
    scope: str | None = None

    @property
    def is_encrypted(self) -> bool:
        """Whether TLS is spoken."""
        return self.security_protocol in ("SSL", "SASL_SSL")

    @property
    def is_authenticated(self) -> bool:
        """Whether SASL is."""
        return self.security_protocol.startswith("SASL_")

    def options(self) -> dict[str, Any]:
        """Keyword arguments of any client of aiokafka. Raises OSError when a file cannot be read.

        Whatever stands in files is read again for each connection. The exception is a password for PLAIN: that holds
        as long as the client.
        """
        options: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers,
            "security_protocol": self.security_protocol,
        }
        if self.is_encrypted:
            options["ssl_context"] = RenewedContext.of(
                lambda: client_context(self.ca_file, self.certificate_file, self.key_file)
            )
        if self.is_authenticated:
            options |= {"sasl_mechanism": self.sasl_mechanism, **self._credentials()}
        return options

    def _credentials(self) -> dict[str, Any]:
        if self.token_url and self.client_id and self.client_secret_file:
            return {
                "sasl_oauth_token_provider": ClientCredentials(
                    self.token_url, self.client_id, self.client_secret_file, self.scope, self.ca_file
                )
            }
        password = Password.of(self.password_file) if self.password_file else ""
        return {"sasl_plain_username": self.username, "sasl_plain_password": password}

    def check(self, name: Callable[[str], str]) -> None:
        """Raises AccessUnusable for the first thing that is wrong. `name`: how a field is called where it is set."""
        for field, why in self._wrong():
            names = {one.name: name(one.name) for one in fields(self)}
            raise AccessUnusable(f"{name(field)}: {why.format_map(names)}")

    def _wrong(self) -> Wrong:
        if self.security_protocol not in PROTOCOLS:
            yield "security_protocol", f"must be one of {', '.join(PROTOCOLS)}"
            return
        yield from self._out_of_place()
        if self.is_encrypted:
            yield from wrong_with_certificates({one: getattr(self, one) for one in _CERTIFICATES}, _CERTIFICATES)
        if self.is_authenticated:
            yield from self._wrong_with_mechanism()

    def _out_of_place(self) -> Wrong:
        """What is set and would be passed over in silence: somebody believes to be protected, and is not."""
        if not self.is_encrypted:
            for field in _CERTIFICATES:
                if getattr(self, field) is not None:
                    yield field, f"is set, but {{security_protocol}} is {self.security_protocol}, which has no TLS"
        if not self.is_authenticated:
            for field in ("sasl_mechanism", *_PASSWORD, *_TOKEN, "scope"):
                if getattr(self, field) is not None:
                    yield field, f"is set, but {{security_protocol}} is {self.security_protocol}, which has no SASL"

    def _wrong_with_mechanism(self) -> Wrong:
        if self.sasl_mechanism not in MECHANISMS:
            yield "sasl_mechanism", f"must be one of {', '.join(MECHANISMS)} with {self.security_protocol}"
            return
        wanted, unused = (_TOKEN, _PASSWORD) if self.sasl_mechanism == "OAUTHBEARER" else (_PASSWORD, _TOKEN)
        for field in wanted:
            if not getattr(self, field):
                yield field, f"is missing: {{sasl_mechanism}} is {self.sasl_mechanism}"
        for field in unused:
            if getattr(self, field) is not None:
                yield field, f"is set, but {{sasl_mechanism}} {self.sasl_mechanism} has no use for it"
        if self.token_url and not self.token_url.startswith(("https://", "http://")):
            yield "token_url", "must begin with https://"
        secrets: dict[str, Path | None] = {one: getattr(self, one) for one in ("password_file", "client_secret_file")}
        yield from ((field, why) for field, file in secrets.items() if file and (why := wrong_with_secret(file)))


def options_of(bus: BusAccess | str) -> dict[str, Any]:
    """`options` of an access; a string is the address of a bus that is spoken to in plain text."""
    return (bus if isinstance(bus, BusAccess) else BusAccess(bus)).options()
