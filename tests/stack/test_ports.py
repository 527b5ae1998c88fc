"""Ports that a server may take."""

import socket

from afterward.stack.ports import LOOPBACK, free_port, is_free


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        assert free_port(preferred=port) != port
    assert is_free(port)


def test_the_preferred_port_is_kept_when_it_is_free() -> None:
    port = free_port()
    assert free_port(preferred=port) == port


def test_a_port_is_chosen_below_those_that_clients_are_given() -> None:
    assert all(20_000 <= free_port() < 32_000 for _ in range(50))
