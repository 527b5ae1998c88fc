"""A Kafka of one controller and three brokers on loopback, of which each can be frozen, killed, or lose its disk."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from afterward.stack.bus import answers
from afterward.stack.kafka import Kafka, NodeOptions
from afterward.stack.kafka.jars import class_path, find_java
from afterward.stack.ports import LOOPBACK, free_port

CONTROLLER, BROKERS = 100, (1, 2, 3)
LIMIT_SECONDS = 180
_CLUSTER = "AfterwardLossesAAAAAAA"
_ROLE = {True: "controller", False: "broker"}


class Node(Kafka):
    """One process of the cluster. `number`: CONTROLLER, or one of BROKERS."""

    def __init__(self, folder: Path, number: int, controller_port: int) -> None:
        super().__init__(folder / str(number), NodeOptions(jvm=("-Xmx256m",)))
        self.number, self._controller = number, f"{LOOPBACK}:{controller_port}"

    async def start(self) -> None:
        """Returns when it serves: a controller has nobody to serve before its brokers come."""
        if self.number != CONTROLLER:
            await super().start()
        elif not self.is_running:
            await asyncio.to_thread(self._spawn)

    def send(self, number: signal.Signals) -> None:
        """A signal to its process."""
        assert self.pid is not None
        os.kill(self.pid, number)

    def destroy(self) -> None:
        """Dies, and its disk with it."""
        self.kill()
        shutil.rmtree(self._folder / "log")

    def _write_properties(self, port: int) -> Path:
        file = super()._write_properties(port)
        lines = dict(line.split("=", 1) for line in file.read_text().splitlines())
        lines |= {
            "process.roles": _ROLE[self.number == CONTROLLER],
            "node.id": str(self.number),
            "controller.quorum.voters": f"{CONTROLLER}@{self._controller}",
            "listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
            "replica.lag.time.max.ms": "8000",
            "unclean.leader.election.interval.ms": "1000",  # whom it allows does lead; by default within 5 minutes
        }
        if self.number == CONTROLLER:
            lines["listeners"] = f"CONTROLLER://{self._controller}"
            del lines["advertised.listeners"]
        file.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        return file

    def _format(self, properties: Path) -> None:
        program = ["-cp", class_path(), "kafka.tools.StorageTool", "format", "-t", _CLUSTER, "-c", str(properties)]
        subprocess.run([str(find_java()), "-XX:TieredStopAtLevel=1", *program], check=True, capture_output=True)


class Cluster:
    """A context: all four, from their start to their end."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.controller = Node(folder, CONTROLLER, port)
        self.brokers = {number: Node(folder, number, port) for number in BROKERS}

    async def __aenter__(self) -> "Cluster":
        try:
            await self.controller.start()
            await asyncio.gather(*(broker.start() for broker in self.brokers.values()))
            async with asyncio.timeout(LIMIT_SECONDS):
                while not await answers(self.bootstrap_servers):
                    await asyncio.sleep(0.1)
        except BaseException:
            self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def bootstrap_servers(self) -> str:
        """Of all brokers."""
        return ",".join(broker.bootstrap_servers for broker in self.brokers.values())

    async def make(self, topic: str, replicas: int, **config: str) -> None:
        """A topic of one partition, which broker 1 leads. `config`: with _ for each dot."""
        given = {name.replace("_", "."): value for name, value in config.items()}
        wanted = NewTopic(topic, -1, -1, {0: list(BROKERS[:replicas])}, given)
        await self._ask("create_topics", [wanted])
        await self.until(topic, 1, BROKERS[:replicas])

    async def allow_unclean(self, topic: str) -> None:
        """What an operator does who wants the partition back, whatever it costs."""
        allowed = {"unclean.leader.election.enable": "true"}
        await self._ask("alter_configs", [ConfigResource(ConfigResourceType.TOPIC, topic, allowed)])

    async def until(self, topic: str, leader: int | None, in_sync: tuple[int, ...] | None = None) -> None:
        """Returns once the partition is led by this broker (None: by any), with these in sync. -1: by nobody."""
        async with asyncio.timeout(LIMIT_SECONDS):
            while not _is_so(await self._partition(topic), leader, in_sync):
                await asyncio.sleep(0.1)

    def freeze(self, *numbers: int) -> None:
        """These stand still."""
        for number in numbers:
            self.brokers[number].send(signal.SIGSTOP)

    def thaw(self, *numbers: int) -> None:
        """These go on."""
        for number in numbers:
            self.brokers[number].send(signal.SIGCONT)

    async def _partition(self, topic: str) -> Mapping[str, Any]:
        described = await self._ask("describe_topics", [topic])
        partitions: list[Mapping[str, Any]] = described[0]["partitions"] if described else []
        return partitions[0] if partitions else {}

    async def _ask(self, what: str, given: Any) -> Any:
        """The answer of whichever broker answers. Raises KafkaError."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers, request_timeout_ms=3_000)
        try:
            await admin.start()
            return await getattr(admin, what)(given)
        except (KafkaError, OSError):
            if what == "describe_topics":
                return []
            raise
        finally:
            await admin.close()

    def _end(self) -> None:
        for node in (*self.brokers.values(), self.controller):
            node.kill()


def _is_so(partition: Mapping[str, Any], leader: int | None, in_sync: tuple[int, ...] | None) -> bool:
    led = partition.get("leader")
    led_so = led not in (None, -1) if leader is None else led == leader
    return led_so and (in_sync is None or set(partition.get("isr", ())) == set(in_sync))
