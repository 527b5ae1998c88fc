"""Free TCP ports on the loopback interface."""

import secrets
import socket

LOOPBACK = "127.0.0.1"

# Below every system's ephemeral range: a client that keeps dialling a server that is down would otherwise sooner or
# later be given the server's own port as its source port, and be connected to itself.
_LOWEST, _HIGHEST = 20_000, 32_000
_ATTEMPTS = 200


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now (connections that still linger do not count)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_port(*, preferred: int | None = None) -> int:
    """The preferred port when it is free, else one at random. Raises OSError when none is found."""
    if preferred is not None and is_free(preferred):
        return preferred
    for _ in range(_ATTEMPTS):
        port = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST)
        if is_free(port):
            return port
    raise OSError(f"no free port on {LOOPBACK} between {_LOWEST} and {_HIGHEST}")
