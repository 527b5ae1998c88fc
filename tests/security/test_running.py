"""A service with all its doors locked goes on while its passwords are changed, and says who refuses it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from afterward.stack.kafka import Kafka
from afterward.stack.postgres import Postgres
from afterward.stack.supervisor import topic_spec
from afterward.stack.topics import ensure_topics
from chassis.bus_access import BusAccess
from chassis.clock import real_now
from chassis.database_access import DatabaseAccess
from chassis.process.service import Service
from chassis.process.settings import Settings
from chassis.store.migrate import migrate
from schemas.topics import TOPICS
from tests.certificates import Authority
from tests.chassis.engine_fixture import MIGRATIONS, SERVICE, record
from tests.chassis.fake_producer import GENEROUS_SECONDS
from tests.chassis.shared_bus import go_by_one_name
from tests.chassis.toy import CHART, reading
from tests.secured import (
    ADMINISTRATORS,
    change_password,
    database_access,
    kafka_options,
    scram_access,
    secret_file,
)
from tests.security.conftest import PASSWORD
from tests.tls_front import TlsFront

pytestmark = [pytest.mark.needs_kafka, pytest.mark.thorough, pytest.mark.timeout(400)]
NEW = "second-password"


@dataclass
class Locked:
    """A service, and how it reaches bus and database."""

    bus: BusAccess
    database: DatabaseAccess
    kafka: Kafka
    postgres: Postgres
    published: int = 0

    def settings(self, **more: Any) -> Settings:
        """Its settings."""
        names = ("security_protocol", "sasl_mechanism", "username", "password_file", "ca_file")
        return Settings(
            bootstrap_servers=self.bus.bootstrap_servers,
            **{f"kafka_{name}": getattr(self.bus, name) for name in names},
            database_dsn=self.database.dsn,
            database_password_file=self.database.password_file,
            database_ca_file=self.database.ca_file,
            session_timeout_ms=6_000,
            wakeup_poll_ms=50,
            **more,
        )

    async def is_judged(self, case: str) -> None:
        """Publishes a report over the plain listener; returns when its event has been sent."""
        sent = record(reading(case, self.published))
        self.published += 1
        async with AIOKafkaProducer(bootstrap_servers=self.kafka.bootstrap_servers, acks="all") as producer:
            await producer.send_and_wait(sent.topic, sent.value, sent.key)
        asked = "SELECT (SELECT count(*) FROM archive WHERE key = $1), (SELECT count(*) FROM outbox)"
        async with asyncio.timeout(2 * GENEROUS_SECONDS):
            while tuple(await self.fetchrow(asked, case)) != (1, 0):
                await asyncio.sleep(0.1)

    async def fetchrow(self, statement: str, *given: Any) -> Any:
        """Asks the service's database on a connection of the test's own."""
        connection = await asyncpg.connect(self.postgres.dsn(DATABASE))
        try:
            return await connection.fetchrow(statement, *given)
        finally:
            await connection.close()


DATABASE = "toy"


@pytest.fixture
async def locked(
    secured_kafka: Kafka, postgres: Postgres, front: TlsFront, authority: Authority
) -> AsyncIterator[Locked]:
    """All topics, and a database of its own that is migrated over TLS."""
    await ensure_topics(secured_kafka.bootstrap_servers, [topic_spec(topic) for topic in TOPICS])
    admin = await asyncpg.connect(postgres.dsn())
    await admin.execute(f"ALTER ROLE toy PASSWORD '{PASSWORD}'")
    await admin.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
    await admin.execute(f'CREATE DATABASE "{DATABASE}"')
    database = database_access(front, authority, postgres.dsn(DATABASE, "toy", "none"), PASSWORD)
    await migrate(database, SERVICE, [CHART], MIGRATIONS)
    await go_by_one_name(postgres.dsn(DATABASE))
    bus = scram_access(secured_kafka, authority, SERVICE, PASSWORD)
    yield Locked(bus, database, secured_kafka, postgres)
    await admin.close()
    await asyncio.to_thread(change_password, secured_kafka, SERVICE, PASSWORD)


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[None]:
    """A service that has its partitions."""
    try:
        await service.app.start()
        async with asyncio.timeout(2 * GENEROUS_SECONDS):
            await service.consumption.watermarks.known.wait()
        yield
    finally:
        await service.app.stop()


async def until(holds: Callable[[], Any], seconds: float = 2 * GENEROUS_SECONDS) -> None:
    """Returns when it holds."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.1)


async def test_passwords_of_bus_and_database_are_changed_while_a_service_runs(
    locked: Locked, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service(SERVICE, [CHART], locked.settings())
    async with running(service):
        await locked.is_judged("before")
        await asyncio.to_thread(change_password, locked.kafka, SERVICE, NEW)
        await until(lambda: service.diagnosis.why is not None)  # Kafka ends a connection after REAUTHENTICATION_MS
        assert "refuses user treatment" in str(service.diagnosis.why)
        assert "refuses user treatment" in (await service.health_body())[1]["bus"]
        replace_secret(locked.bus.password_file)
        await until(lambda: service.diagnosis.why is None)
        await locked.is_judged("new-for-kafka")

        await locked.fetchrow(f"ALTER ROLE toy PASSWORD '{NEW}'")
        await locked.fetchrow("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'toy'")
        await until(lambda: "it refuses this user's password" in caplog.text)
        replace_secret(locked.database.password_file)
        await locked.is_judged("new-for-postgres")
        assert (await service.health.idle_within(real_now(), GENEROUS_SECONDS))["idle"]
    assert PASSWORD not in caplog.text
    assert NEW not in caplog.text


def replace_secret(file: Path | None) -> None:
    """The new password takes the place of the old one."""
    assert file is not None
    secret_file(file, NEW)


async def test_an_authority_is_changed_while_a_service_runs(locked: Locked, front: TlsFront, tmp_path: Path) -> None:
    """Bus and database show certificates of another authority, and the service is given that one to trust."""
    before, after = Authority(tmp_path / "before"), Authority(tmp_path / "after", "the next one")
    trusted, shown = tmp_path / "trusted.pem", front.shown
    trusted.write_bytes(before.file.read_bytes())
    front.shown = before.issue("postgres", "127.0.0.1")
    async with another_kafka(tmp_path, before) as kafka:
        bus = replace(scram_access(kafka, before, SERVICE, PASSWORD), ca_file=trusted)
        locked = Locked(bus, replace(locked.database, ca_file=trusted), kafka, locked.postgres)
        service = Service(SERVICE, [CHART], locked.settings())
        async with running(service):
            await locked.is_judged("before")
            await kafka.stop()
            before.file.write_bytes(after.file.read_bytes())
            (before.folder / "kafka.both.pem").write_bytes(after.issue("kafka", "127.0.0.1").together.read_bytes())
            front.shown = after.issue("postgres", "127.0.0.1")
            front.cut()
            await kafka.start()
            await until(lambda: "does not come from" in str(service.diagnosis.why))
            assert "AFTERWARD_DATABASE_CA_FILE" in (await service.health_body())[1]["database"]
            trusted.write_bytes(after.file.read_bytes())
            await locked.is_judged("by-the-next-authority")
    front.shown = shown


@asynccontextmanager
async def another_kafka(folder: Path, authority: Authority) -> AsyncIterator[Kafka]:
    """One of a test's own, with all topics."""
    superusers = f"{ADMINISTRATORS};User:{SERVICE}"
    kafka = Kafka(folder, kafka_options(authority, {SERVICE: PASSWORD}, superusers=superusers))
    await kafka.start()
    try:
        await ensure_topics(kafka.bootstrap_servers, [topic_spec(topic) for topic in TOPICS])
        yield kafka
    finally:
        await kafka.stop()
