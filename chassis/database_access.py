"""How a PostgreSQL database is reached: its address, its password from a file, and TLS."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from chassis.secret_files import AccessUnusable, client_context, secret, wrong_with_certificates, wrong_with_secret

_CERTIFICATES: Final = ("ca_file", "certificate_file", "key_file")


@dataclass(frozen=True, slots=True, repr=False)
class DatabaseAccess:
    """DSN and credentials of a database. With an authority the server must show a certificate of it, for its name."""

    dsn: str
    password_file: Path | None = None
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None

    def options(self) -> dict[str, Any]:
        """Keyword arguments of asyncpg's `connect`; files are read anew at each call. Raises OSError."""
        options: dict[str, Any] = {"dsn": self.dsn}
        if self.password_file is not None:
            options["password"] = secret(self.password_file)
        if self.ca_file is not None:
            options["ssl"] = client_context(self.ca_file, self.certificate_file, self.key_file)
        return options

    def check(self, name: Callable[[str], str]) -> None:
        """Raises AccessUnusable for the first thing that is wrong. `name`: how a field is called where it is set."""
        names = {one.name: name(one.name) for one in fields(self)}
        for field, why in self._wrong():
            raise AccessUnusable(f"{names[field]}: {why.format_map(names)}")

    def _wrong(self) -> Iterator[tuple[str, str]]:
        try:
            address = urlsplit(self.dsn)
            given = {*parse_qs(address.query), *(["password"] if address.password is not None else [])}
        except ValueError:
            yield "dsn", "is no DSN such as postgresql://user@host:5432/database"
            return
        if self.password_file is not None:
            if "password" in given:
                yield "dsn", "has a password, and {password_file} is set: leave one of them out"
            if why := wrong_with_secret(self.password_file):
                yield "password_file", why
        yield from self._wrong_with_tls(given)

    def _wrong_with_tls(self, given: set[str]) -> Iterator[tuple[str, str]]:
        files = {one: getattr(self, one) for one in _CERTIFICATES}
        if self.ca_file is None:
            alone = "is set without {ca_file}: a certificate is shown to a known server only"
            yield from ((field, alone) for field, file in files.items() if file is not None)
        elif given & {"sslmode", "sslrootcert", "sslcert", "sslkey"}:
            yield "dsn", "says how TLS is spoken, and {ca_file} does: leave one of them out"
        else:
            yield from wrong_with_certificates(files, _CERTIFICATES)
