"""Apache Kafka and PostgreSQL from their public images: where a Docker engine answers, the Kafka backend runs on these.

testcontainers takes them away again, also after a run that was killed (by its reaper `ryuk`, an image as well).
"""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from docker.errors import DockerException, ImageNotFound  # type: ignore[import-untyped]
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient

from afterward.stack.bus import answers
from afterward.stack.kafka import VERSION
from afterward.stack.kafka.node import _QUICK_START, _SETTINGS
from afterward.stack.ports import free_port
from afterward.stack.process import StartFailed
from chassis.bus_access import BusAccess
from tests.backends import note_bus

KAFKA_IMAGE = f"apache/kafka:{VERSION}"
POSTGRES_IMAGE = "postgres:18"

_ENGINE_SECONDS = 2
_READY_SECONDS = 150
_POLL_SECONDS = 0.5  # the engine takes connections before the broker does, and the client logs each that ends
_CONTROLLER_PORT = 9093


def available() -> str | None:
    """Why nothing can run in containers here: no engine within 2 s, or an image neither here nor to be had; or None."""
    try:
        DockerClient(timeout=_ENGINE_SECONDS).client.close()  # it asks for the engine's version
    except DockerException as error:
        return f"no Docker engine answers: {error}"
    with closing(DockerClient().client) as engine:
        return next(filter(None, (_absence(engine, image) for image in _images())), None)


def _absence(engine: Any, image: str) -> str | None:
    try:
        try:
            engine.images.get(image)
        except ImageNotFound:
            engine.images.pull(image)
    except DockerException as error:
        return f"the image {image} cannot be had: {error}"
    return None


def _images() -> list[str]:
    """All that a run needs, as testcontainers will name them."""
    prefix = testcontainers_config.hub_image_name_prefix
    reaper = [] if testcontainers_config.ryuk_disabled else [testcontainers_config.ryuk_image]
    return [prefix + image for image in (KAFKA_IMAGE, POSTGRES_IMAGE, *reaper)]


class KafkaContainer:
    """Apache Kafka as `afterward.stack.kafka` sets it up, in a container. See `afterward.stack.bus.Bus`."""

    name = f"Apache Kafka {VERSION} (container)"
    idempotent = True
    static_members = True
    fetch_max_wait_ms = 50

    def __init__(self) -> None:
        self._container = DockerContainer(KAFKA_IMAGE)
        # The same port inside and outside: a client is told where to go before the engine could have said.
        port = free_port()
        self.bootstrap_servers = f"{self._container.get_docker_client().host()}:{port}"
        self._container.with_bind_ports(port, port).with_envs(**_environment(port, self.bootstrap_servers))

    @property
    def access(self) -> BusAccess:
        """It is spoken to in plain text."""
        return BusAccess(self.bootstrap_servers)

    @property
    def is_running(self) -> bool:
        """Whether its container runs."""
        self._container.reload()
        return self._container.status == "running"

    async def start(self) -> None:
        """Return once clients are served; after a stop or a kill with all it had. Raises StartFailed with its log."""
        if not self.is_running:
            await asyncio.to_thread(self._start)
        try:
            async with asyncio.timeout(_READY_SECONDS):
                while not await answers(self.bootstrap_servers):
                    if not self.is_running:
                        raise StartFailed(f"{self.name} ended while starting:\n{self._last_words()}")
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            raise StartFailed(f"{self.name} did not answer in time:\n{self._last_words()}") from None

    async def stop(self) -> None:
        """End it in order; its data stays until `close`."""
        await asyncio.to_thread(self._container.get_wrapped_container().stop)

    def kill(self) -> None:
        """End it as a crash would, and return when it is gone."""
        self._container.get_wrapped_container().kill()
        self._container.wait()

    def close(self) -> None:
        """Remove it with all that it kept."""
        self._container.stop()

    def _start(self) -> None:
        if self._container.status == "not_started":
            self._container.start()
        else:
            self._container.get_wrapped_container().start()

    def _last_words(self) -> str:
        words: bytes = self._container.get_wrapped_container().logs(tail=40)
        return words.decode(errors="replace")


def _environment(port: int, advertised: str) -> dict[str, str]:
    """The image takes each property as a variable: `log.dirs` as `KAFKA_LOG_DIRS`."""
    addresses = {
        "listeners": f"PLAINTEXT://:{port},CONTROLLER://:{_CONTROLLER_PORT}",
        "advertised.listeners": f"PLAINTEXT://{advertised}",
        "controller.quorum.voters": f"1@localhost:{_CONTROLLER_PORT}",
    }
    properties = {f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in (_SETTINGS | addresses).items()}
    return properties | {"KAFKA_HEAP_OPTS": "-Xmx512m", "KAFKA_OPTS": " ".join(_QUICK_START)}


@contextmanager
def kafka() -> Iterator[KafkaContainer]:
    """A running broker of its own while the block lasts."""
    with closing(KafkaContainer()) as bus:
        asyncio.run(bus.start())
        note_bus(bus.name)
        yield bus


@contextmanager
def postgres() -> Iterator[str]:
    """A server of its own while the block lasts: the DSN of its administrator."""
    server = PostgresContainer(POSTGRES_IMAGE, password=secrets.token_urlsafe(24), driver=None)
    server.with_command("postgres -c fsync=off -c max_connections=200")
    with server:
        yield server.get_connection_url()
