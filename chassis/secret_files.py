"""Secrets and certificates in files: read anew for each connection, so that what is replaced there needs no restart."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any


class AccessUnusable(ValueError):
    """A setting of an access does not serve; the message names the setting and the file, and holds no secret."""


def secret(file: Path) -> str:
    """What a file holds, without the line end after it. Raises OSError, whose text is fit for people."""
    try:
        found = file.read_text(encoding="utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise OSError(f"{file} is no text in UTF-8") from None
    if not found:
        raise OSError(f"{file} is empty")
    return found


def wrong_with_secret(file: Path) -> str | None:
    """Why a file holds no secret that can be read, for people; None when it does."""
    try:
        secret(file)
    except OSError as error:
        return _in_words(error, file)
    return None


def _in_words(error: OSError, file: Path) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no file {file}"
    if isinstance(error, PermissionError):
        return f"this process may not read {file}"
    if isinstance(error, IsADirectoryError):
        return f"{file} is a folder; a file is wanted"
    return str(error)


def client_context(ca: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """What a client trusts and shows. Names are always compared. `ca` absent: whom this machine trusts.

    Raises OSError (ssl.SSLError is one).
    """
    context = ssl.create_default_context(cafile=str(ca) if ca else None)
    if certificate is not None:
        context.load_cert_chain(certificate, key, password="")  # a key under a password must not ask at a terminal
    return context


class RenewedContext(ssl.SSLContext):
    """A context whose files are read anew for each connection that is made with it.

    aiokafka keeps the one that it is given for as long as a client lives. Loading new files into that would go on
    trusting an authority that was taken away.
    """

    make: Callable[[], ssl.SSLContext]

    @classmethod
    def of(cls, make: Callable[[], ssl.SSLContext]) -> "RenewedContext":
        """`make` is called for each connection; what it raises is why there is none."""
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context.make = make
        return context

    def wrap_bio(self, *given: Any, **named: Any) -> ssl.SSLObject:
        """What asyncio and uvloop ask of a context when a connection begins."""
        return self.make().wrap_bio(*given, **named)


class Password(str):
    """A password that is read anew each time it is encoded, as a SCRAM client does for each connection."""

    __slots__ = ("file",)
    file: Path

    @classmethod
    def of(cls, file: Path) -> "Password":
        """The one in a file. Raises OSError."""
        password = cls(secret(file))
        password.file = file
        return password

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Raises OSError when the file cannot be read."""
        return secret(self.file).encode(encoding, errors)

    def __repr__(self) -> str:
        return "'***'"


def wrong_with_certificates(files: Mapping[str, Path | None], of: tuple[str, str, str]) -> Iterator[tuple[str, str]]:
    """Which of the settings `of` (authority, certificate, key) does not serve, and why.

    Other settings stand in braces.
    """
    ca, certificate, key = of
    if (files[certificate] is None) != (files[key] is None):
        missing, given = (key, certificate) if files[key] is None else (certificate, key)
        yield missing, f"is missing: {{{given}}} is set, and one is of no use without the other"
        return
    unread = [(name, why) for name in of if (file := files[name]) and (why := wrong_with_secret(file))]
    if unread:
        yield from unread
    elif why := _refusal(files[ca], None, None):
        yield ca, f"{files[ca]} holds no certificate of an authority in PEM ({why})"
    elif why := _refusal(files[ca], files[certificate], files[key]):
        yield certificate, f"{files[certificate]} and {files[key]} are no certificate in PEM and its key ({why})"


def _refusal(ca: Path | None, certificate: Path | None, key: Path | None) -> str | None:
    try:
        client_context(ca, certificate, key)
    except (OSError, ValueError) as error:
        return getattr(error, "reason", None) or type(error).__name__
    return None
