"""Free TCP ports on the loopback interface."""

import secrets
import socket
from collections import OrderedDict

LOOPBACK = "127.0.0.1"

# Below every system's ephemeral range: a client that keeps dialling a server that is down would otherwise sooner or
# later be given the server's own port as its source port, and be connected to itself.
_LOWEST, _HIGHEST = 20_000, 32_000
_ATTEMPTS = 200
_REMEMBERED = 200
"""Ports that a process keeps others from choosing; servers listen on the older ones by then, or never will."""
_marks: OrderedDict[int, socket.socket] = OrderedDict()
"""Port → the UDP port of the same number, taken: nobody uses those, so whoever has one is the only one to choose it."""


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
    """The preferred port when it is free, else one at random. Raises OSError when none is found.

    Between the choice and the server that listens there go seconds. Nobody else who asks here is given the same port
    meanwhile, in this process or another: two services at one address would answer for each other.
    """
    if preferred is not None and is_free(preferred) and (preferred in _marks or _mark(preferred)):
        return preferred
    for _ in range(_ATTEMPTS):
        port = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST)
        if is_free(port) and _mark(port):
            return port
    raise OSError(f"no free port on {LOOPBACK} between {_LOWEST} and {_HIGHEST}")


def _mark(port: int) -> bool:
    """Whether the port could be marked as chosen; its mark goes with this process, if not before."""
    mark = socket.socket(type=socket.SOCK_DGRAM)
    try:
        mark.bind((LOOPBACK, port))
    except OSError:
        mark.close()
        return False
    _marks[port] = mark
    while len(_marks) > _REMEMBERED:
        _marks.popitem(last=False)[1].close()
    return True
