"""Ports that a server may take."""

import secrets
import socket
import subprocess
import sys

import pytest

from afterward.stack import ports
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


def test_a_port_is_given_to_one_alone_before_anybody_listens_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two services at one address would answer for each other: one is asked, and the other is taken for idle."""
    first, other = free_port(), free_port()
    ports._marks.pop(other).close()
    drawn = iter([first, first, other])
    monkeypatch.setattr(secrets, "randbelow", lambda _below: next(drawn) - 20_000)
    assert free_port() == other


def test_another_process_is_not_given_the_same_port() -> None:
    port = free_port()
    asked = f"from afterward.stack.ports import free_port; print(free_port(preferred={port}))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert int(done.stdout) != port


def test_of_many_ports_the_oldest_are_let_go() -> None:
    chosen = [free_port() for _ in range(ports._REMEMBERED + 1)]
    assert len(ports._marks) == ports._REMEMBERED
    assert chosen[0] not in ports._marks
    assert chosen[-1] in ports._marks
