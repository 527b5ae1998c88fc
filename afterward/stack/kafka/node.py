"""One Apache Kafka node of one data directory: started, killed and started again on the same data and the same port."""

import asyncio
import secrets
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from afterward.stack.bus import answers
from afterward.stack.kafka.jars import VERSION, available, class_path, find_java
from afterward.stack.ports import LOOPBACK, free_port
from afterward.stack.process import Daemon, StartFailed
from chassis.bus_access import BusAccess

_READY_SECONDS = 120
_LARGEST_RECORD_BYTES = 4 * 1024 * 1024
_BATCH_OVERHEAD_BYTES = 64 * 1024
_QUICK_START = ["-XX:TieredStopAtLevel=1"]
_LOGGING = Path(__file__).with_name("log4j2.yaml")

_SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "inter.broker.listener.name": "PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "log.message.timestamp.type": "LogAppendTime",
    "message.max.bytes": str(_LARGEST_RECORD_BYTES + _BATCH_OVERHEAD_BYTES),
    "replica.fetch.max.bytes": str(_LARGEST_RECORD_BYTES + _BATCH_OVERHEAD_BYTES),
    # One node: nothing can be replicated.
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # A laptop and its tests do not wait for other members, nor half a minute for the first compaction.
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    # After a crash the node is let in again when its former self has been silent for this long.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "log.initial.task.delay.ms": "1000",
    "log.cleaner.backoff.ms": "1000",
    "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
    "log.retention.check.interval.ms": "5000",
}


@dataclass(frozen=True, slots=True)
class NodeOptions:
    """What a node has beside the plain listener on which it and our own tools speak.

    `listeners`: security protocols, each with a listener of its own under that name. `properties`: of the server, where
    `{folder}` stands for its folder. `scram`: user → password, known from the first start on. `jvm`: options of Java.
    """

    listeners: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    scram: Mapping[str, str] = field(default_factory=dict)
    jvm: tuple[str, ...] = ()


class Kafka:
    """Apache Kafka with its data in `<data_dir>/kafka`. See `afterward.stack.bus.Bus`."""

    name = f"Apache Kafka {VERSION}"
    idempotent = True
    static_members = True
    fetch_max_wait_ms = 50

    def __init__(self, data_dir: Path, options: NodeOptions | None = None, *, optimising: bool = False) -> None:
        """`optimising=True` is for benchmarks: three times the work at the start for more speed later."""
        self._options = options or NodeOptions()
        self._compiler = [] if optimising else _QUICK_START
        self._folder = data_dir.absolute() / "kafka"
        self._daemon = Daemon("kafka", data_dir.absolute())

    @property
    def bootstrap_servers(self) -> str:
        """`host:port`, known from the first start on. Raises LookupError before."""
        if (port := self._daemon.last_port) is None:
            raise LookupError("Apache Kafka has not been started in this data directory yet")
        return f"{LOOPBACK}:{port}"

    @property
    def access(self) -> BusAccess:
        """In plain text."""
        return BusAccess(self.bootstrap_servers)

    def address(self, listener: str) -> str:
        """`host:port` of one of the listeners of its options. Raises LookupError before the first start."""
        if listener in (addresses := self._addresses()):
            return addresses[listener]
        raise LookupError(f"this node has no listener {listener}, or has not been started yet")

    @property
    def is_running(self) -> bool:
        """Whether its process exists."""
        return self._daemon.is_running

    @property
    def pid(self) -> int | None:
        """Of the process; None when it is not running."""
        return self._daemon.pid

    async def start(self) -> None:
        """Start it, at its last port when that is free, and wait until clients are served. Raises StartFailed.

        The first time on a machine this fetches about 45 MB from Maven's repository.
        """
        if not self.is_running:
            await asyncio.to_thread(self._spawn)
        await self._daemon.until(lambda: answers(self.bootstrap_servers), limit_seconds=_READY_SECONDS)

    async def stop(self) -> None:
        """End it in order; its data stays."""
        await self._daemon.stop()

    def kill(self) -> None:
        """End it as a crash would; the next start recovers its logs."""
        self._daemon.kill()

    def _spawn(self) -> None:
        if reason := available():
            raise StartFailed(reason)
        self._folder.mkdir(parents=True, exist_ok=True)
        port = free_port(preferred=self._daemon.last_port)
        properties = self._write_properties(port)
        if not (self._folder / "log" / "meta.properties").exists():
            self._format(properties)
        options = [*self._compiler, "-Xmx512m", *self._options.jvm]
        self._daemon.spawn(_java(options, "kafka.Kafka", str(properties)), port=port)

    def _write_properties(self, port: int) -> Path:
        controller, known = f"{LOOPBACK}:{free_port()}", self._addresses()
        clients = {"PLAINTEXT": f"{LOOPBACK}:{port}"}
        for name in self._options.listeners:
            before = int(known[name].rpartition(":")[2]) if name in known else None
            clients[name] = f"{LOOPBACK}:{free_port(preferred=before)}"
        addresses = {
            "listeners": _listed(clients | {"CONTROLLER": controller}),
            "advertised.listeners": _listed(clients),
            "listener.security.protocol.map": ",".join(
                ["CONTROLLER:PLAINTEXT", *(f"{name}:{name}" for name in clients)]
            ),
            "controller.quorum.voters": f"1@{controller}",
            "log.dirs": str(self._folder / "log"),
        }
        own = {name: value.replace("{folder}", str(self._folder)) for name, value in self._options.properties.items()}
        settings = _SETTINGS | addresses | own
        self._properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        return self._properties

    @property
    def _properties(self) -> Path:
        return self._folder / "server.properties"

    def _addresses(self) -> dict[str, str]:
        """Listener → address, as the last start left them; none before the first."""
        lines = self._properties.read_text().splitlines() if self._properties.exists() else []
        listed = next((line.partition("=")[2] for line in lines if line.startswith("advertised.listeners=")), "")
        return dict(one.split("://") for one in listed.split(",") if one)

    def _format(self, properties: Path) -> None:
        cluster = "A" + secrets.token_urlsafe(16)[1:]  # a leading hyphen would be taken for an option
        users = [
            word
            for user, password in self._options.scram.items()
            for word in ("--add-scram", f"SCRAM-SHA-512=[name={user},password={password}]")
        ]
        given = ["format", "-t", cluster, "-c", str(properties), *users]
        command = _java([*_QUICK_START, "-Xmx128m"], "kafka.tools.StorageTool", *given)
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise StartFailed(f"Apache Kafka could not format its storage:\n{done.stdout}{done.stderr}")


def _listed(addresses: Mapping[str, str]) -> str:
    return ",".join(f"{name}://{address}" for name, address in addresses.items())


def _java(options: list[str], *program: str) -> list[str]:
    return [str(find_java()), *options, f"-Dlog4j2.configurationFile={_LOGGING}", "-cp", class_path(), *program]
