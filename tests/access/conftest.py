"""A secured Apache Kafka with the topics of the drawing and the rights of the matrix, once for these tests."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from afterward.cli.app import app
from chassis.bus_access import BusAccess
from chassis.process.access_settings import variables
from schemas.access import FAMILIES, matrix
from tests.access.secured import SecuredKafka
from tests.backends import note_bus

OUTSIDE = tuple(f"{family.prefix}1" for family in FAMILIES)
PRINCIPALS = tuple(one.name for one in matrix(OUTSIDE))


def run(access: BusAccess, *words: str, fails: bool = False) -> str:
    """What a verb prints, as whoever the access says."""
    done = CliRunner().invoke(app, words, env={**os.environ, **variables(access)})
    assert (done.exit_code != 0) is fails, done.output
    return done.output


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    """The broker; nobody but its administrator may do anything yet."""
    bus = SecuredKafka(tmp_path_factory.mktemp("secured"))
    asyncio.run(bus.start())
    note_bus(bus.name)
    yield bus
    asyncio.run(bus.stop())


@pytest.fixture(scope="session")
def passwords(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of passwords, as `access apply --users` takes it."""
    folder = tmp_path_factory.mktemp("passwords")
    for name in PRINCIPALS:
        (folder / name).write_text(f"{name}'s own\n")
    return folder


@pytest.fixture(scope="session")
def ready(secured: SecuredKafka, passwords: Path) -> SecuredKafka:
    """The broker, as the jobs leave it: rights by the administrator, topics by the operator."""
    run(secured.access, "access", "apply", "--users", str(passwords))
    run(secured.access_of("operator", "operator's own"), "topics", "apply")
    return secured
