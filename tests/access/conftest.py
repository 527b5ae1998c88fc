"""A secured Apache Kafka with the topics of the drawing and the rights of the matrix, once for these tests."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from afterward.cli.app import app
from afterward.stack.kafka import Kafka
from chassis.bus_access import BusAccess
from chassis.process.access_settings import variables
from schemas.access import FAMILIES, OPERATOR, matrix
from tests.backends import note_bus
from tests.certificates import Authority
from tests.secured import ADMINISTRATORS, kafka_options, scram_access

ADMIN = "admin"
OUTSIDE = tuple(f"{family.prefix}1" for family in FAMILIES)
PRINCIPALS = tuple(one.name for one in matrix(OUTSIDE))


@dataclass(frozen=True)
class Cluster:
    """A broker, and how each principal reaches it: by TLS, with a password."""

    kafka: Kafka
    authority: Authority

    def access(self, principal: str) -> BusAccess:
        """As whom; `admin` is a superuser."""
        return scram_access(self.kafka, self.authority, principal, password_of(principal))


def password_of(principal: str) -> str:
    """The password of a principal in these tests."""
    return f"{principal}'s own"


def run(access: BusAccess, *words: str, fails: bool = False) -> str:
    """What a verb prints, as whoever the access says."""
    done = CliRunner().invoke(app, words, env={**os.environ, **variables(access)})
    assert (done.exit_code != 0) is fails, done.output
    return done.output


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The broker; nobody but its administrator may do anything yet."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    options = kafka_options(authority, {ADMIN: password_of(ADMIN)}, superusers=f"{ADMINISTRATORS};User:{ADMIN}")
    kafka = Kafka(tmp_path_factory.mktemp("secured"), options=options)
    asyncio.run(kafka.start())
    note_bus(f"{kafka.name} with TLS, SCRAM and access lists")
    yield Cluster(kafka, authority)
    asyncio.run(kafka.stop())


@pytest.fixture(scope="session")
def passwords(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of passwords, as `access apply --users` takes it."""
    folder = tmp_path_factory.mktemp("passwords")
    for name in PRINCIPALS:
        (folder / name).write_text(f"{password_of(name)}\n")
    return folder


@pytest.fixture(scope="session")
def ready(secured: Cluster, passwords: Path) -> Cluster:
    """The broker, as the jobs leave it: rights by the administrator, topics by the operator."""
    run(secured.access(ADMIN), "access", "apply", "--users", str(passwords))
    run(secured.access(OPERATOR), "topics", "apply")
    return secured
