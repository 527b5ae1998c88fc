"""A Kafka behind TLS with users, and a PostgreSQL with TLS before it, each started once for all tests here."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from afterward.stack.kafka import Kafka, available
from afterward.stack.postgres import Postgres
from tests.backends import note_bus
from tests.certificates import Authority
from tests.secured import ADMINISTRATORS, kafka_options, write_jwks
from tests.security.issuer import Issuer
from tests.tls_front import TlsFront

SERVICE, STRANGER, PASSWORD = "treatment", "stranger", "first-password"
REAUTHENTICATION_MS = 4_000
"""So long Kafka lets a connection live that was authenticated by SASL."""


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whom servers and clients here come from."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def other_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One that nobody here comes from."""
    return Authority(tmp_path_factory.mktemp("other"), "somebody else")


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    """Whose tokens the Kafka here takes."""
    return Issuer({SERVICE: "client-secret"})


@pytest.fixture(scope="session")
def secured_kafka(tmp_path_factory: pytest.TempPathFactory, authority: Authority, issuer: Issuer) -> Iterator[Kafka]:
    """Apache Kafka with all its doors locked: the service may do everything, the stranger nothing."""
    if reason := available():
        pytest.skip(reason)
    folder: Path = tmp_path_factory.mktemp("secured")
    options = kafka_options(
        authority,
        {SERVICE: PASSWORD, STRANGER: PASSWORD},
        superusers=f"{ADMINISTRATORS};User:{SERVICE}",
        jwks=write_jwks(folder / "jwks.json", [issuer.jwk]),
        properties={"connections.max.reauth.ms": str(REAUTHENTICATION_MS)},
    )
    kafka = Kafka(folder, options)
    asyncio.run(kafka.start())
    note_bus(f"{kafka.name} (TLS, SASL)")
    yield kafka
    asyncio.run(kafka.stop())


@pytest.fixture(scope="session")
def front(postgres: Postgres, authority: Authority) -> Iterator[TlsFront]:
    """TLS before the server of all tests, which has a role `toy`."""
    asyncio.run(_make_role(postgres))
    front = TlsFront(postgres.dsn(), authority.issue("postgres", "127.0.0.1"))
    front.start()
    yield front
    front.stop()


async def _make_role(postgres: Postgres) -> None:
    admin = await asyncpg.connect(postgres.dsn())
    try:
        await admin.execute(f"CREATE ROLE toy LOGIN SUPERUSER PASSWORD '{PASSWORD}'")
    finally:
        await admin.close()
