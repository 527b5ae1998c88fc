"""Client certificates: TLS has checked who signed them; a file says what the reader of each may ask."""

import json
import ssl
from collections.abc import Mapping
from typing import Any

from chassis.clock import real_now
from chassis.questions.problem import Problem
from chassis.questions.reader import BadLimits, Reader, limited
from chassis.questions.reread import Reread
from chassis.questions.settings import HttpSettings, variable

FIELDS = frozenset({"scopes", "jurisdictions", "districts"})


class Certificates:
    """Common name of a certificate → its reader, from a file that is read again when it changes."""

    def __init__(self, file: Reread[Mapping[str, Reader]]) -> None:
        self._file = file.first()

    def reader(self, certificate: Mapping[str, Any]) -> Reader:
        """Who shows a certificate that TLS has accepted (as `SSLSocket.getpeercert` describes it). Raises Problem."""
        if ssl.cert_time_to_seconds(certificate["notAfter"]) < real_now().timestamp():
            raise Problem("not_authenticated", "the certificate of this connection has expired: connect anew")
        reader = self._file.now().get(common_name(certificate) or "")
        if reader is None:
            raise Problem(
                "not_authenticated", f"the certificate's common name is not in {variable('http_readers_file')}"
            )
        return reader


def common_name(certificate: Mapping[str, Any]) -> str | None:
    """The one common name of its subject; None where there is none, or more than one."""
    names = [value for group in certificate.get("subject", ()) for name, value in group if name == "commonName"]
    return names[0] if len(names) == 1 else None


def parse(content: bytes) -> Mapping[str, Reader]:
    """The file's readers. Raises ValueError."""
    try:
        entries = json.loads(content)
    except ValueError:
        raise ValueError("it is not JSON") from None
    if not isinstance(entries, dict):
        raise ValueError('it must be an object: {"common name": {"scopes": ["read:cases"]}}')  # noqa: TRY004 - of a file
    return {name: _entry(name, entry) for name, entry in entries.items()}


def _entry(name: str, entry: object) -> Reader:
    if not isinstance(entry, dict) or not isinstance(entry.get("scopes"), list) or not entry.keys() <= FIELDS:
        raise ValueError(f"the entry of {name} must have scopes, and may have jurisdictions and districts, all lists")
    try:
        return limited(name, "certificate", entry)
    except BadLimits as error:
        raise ValueError(f"the entry of {name}: {error}") from None


def certificates_of(settings: HttpSettings) -> Certificates | None:
    """Certificates as the settings want them; None where they name no authority."""
    if settings.http_client_ca_file is None or settings.http_readers_file is None:
        return None
    return Certificates(Reread(settings.http_readers_file, parse, variable("http_readers_file")))
