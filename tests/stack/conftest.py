"""Each bus is started once for all tests here, and every bus must pass the same tests."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from aiokafka import AIOKafkaProducer

from afterward.stack.bus import Bus
from afterward.stack.kafka import Kafka, available
from afterward.stack.postgres import home
from afterward.stack.tansu import Tansu
from tests.backends import note_bus

SomeBus = TypeVar("SomeBus", Tansu, Kafka)


@pytest.fixture(scope="session", autouse=True)
def system_folder() -> Iterator[Path]:
    """What stands for /var/lib/afterward: a folder of its own that every account can reach."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp", prefix="afterward-test-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home, "_SYSTEM", folder)
        yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def tansu(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tansu]:
    """The embedded bus, running."""
    yield from _running(Tansu(tmp_path_factory.mktemp("tansu")))


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """Apache Kafka as our launcher starts it, which a container cannot stand for."""
    if reason := available():
        pytest.skip(reason)
    yield from _running(Kafka(tmp_path_factory.mktemp("kafka")))


@pytest.fixture(params=["tansu", pytest.param("kafka", marks=pytest.mark.needs_kafka)])
def bus(request: pytest.FixtureRequest) -> Bus:
    """Each bus in turn."""
    chosen: Bus = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
async def producer(bus: Bus) -> AsyncIterator[AIOKafkaProducer]:
    """Writes to the bus under test, as the relay does."""
    async with AIOKafkaProducer(
        bootstrap_servers=bus.bootstrap_servers,
        acks="all",
        enable_idempotence=bus.idempotent,
        max_request_size=5 << 20,
        max_batch_size=1 << 20,
    ) as started:
        yield started


@pytest.fixture
def topic(request: pytest.FixtureRequest) -> str:
    """A name that no other test uses."""
    name: str = request.node.name
    return "".join(letter if letter.isalnum() else "-" for letter in name)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data directory that does not exist yet."""
    return tmp_path / "data"


def _running(bus: SomeBus) -> Iterator[SomeBus]:
    asyncio.run(bus.start())
    note_bus(bus.name)
    yield bus
    asyncio.run(bus.stop())
