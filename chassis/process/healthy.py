"""Asks the process of this container how it is: the health check of the image. It imports little, for it runs often.

`python -m chassis.process.healthy [/livez | /readyz]` ends with 0 when the answer is 200.
"""

import http.client
import ssl
import sys
from collections.abc import Sequence
from contextlib import closing
from typing import Final

LOOPBACK: Final = "127.0.0.1"
PORT: Final = 8080
ALIVE: Final = "/livez"
ANSWER_SECONDS: Final = 8.0


def status(path: str, port: int = PORT) -> int:
    """The HTTP status of its answer, by TLS or in plain text, as it happens to serve. Raises OSError, HTTPException."""
    try:
        return _status(http.client.HTTPSConnection(LOOPBACK, port, timeout=ANSWER_SECONDS, context=_to_itself()), path)
    except (ssl.SSLError, ConnectionResetError):
        return _status(http.client.HTTPConnection(LOOPBACK, port, timeout=ANSWER_SECONDS), path)


def _status(connection: http.client.HTTPConnection, path: str) -> int:
    with closing(connection):
        connection.request("GET", path)
        return connection.getresponse().status


def _to_itself() -> ssl.SSLContext:
    """Whose certificate it is does not matter on the way from a container to itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def main(arguments: Sequence[str]) -> None:
    """Ends with 1 and a sentence when it is not well."""
    path = arguments[0] if arguments else ALIVE
    try:
        found = status(path)
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"{path}: no answer ({type(error).__name__})")
    if found != http.client.OK:
        sys.exit(f"{path}: {found}")


if __name__ == "__main__":
    main(sys.argv[1:])
