"""What every bus that we can start has in common, whether it lives in memory, on this disk or in a container."""

import asyncio
from typing import Protocol

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from chassis.bus_access import BusAccess, options_of


class Bus(Protocol):
    """One broker. It is found by its data directory: an instance made by another process stops it just as well."""

    name: str
    """For people: `Tansu 0.6.0 (embedded)`, `Apache Kafka 4.3.1`."""
    idempotent: bool
    """Whether producers may ask for idempotence."""
    static_members: bool
    """Whether several processes of a service are static members of its group, so that a restart causes no rebalance."""
    fetch_max_wait_ms: int
    """How long a consumer should let the broker hold an empty fetch."""

    @property
    def bootstrap_servers(self) -> str:
        """`host:port`, known from the first start on. Raises LookupError before."""

    @property
    def access(self) -> BusAccess:
        """How services reach it. Raises LookupError before the first start."""

    @property
    def is_running(self) -> bool:
        """Whether its process exists."""

    async def start(self) -> None:
        """Return once clients are served; at once when it runs already. Raises StartFailed."""

    async def stop(self) -> None:
        """End it in order. What it keeps on disk stays."""

    def kill(self) -> None:
        """End it as a crash would."""


async def answers(bus: BusAccess | str) -> bool:
    """Whether a Kafka client gets the cluster's metadata from there, with a broker in it that can lead."""
    options = options_of(bus)
    if not await _listens(options["bootstrap_servers"]):
        return False
    client = AIOKafkaClient(**options, request_timeout_ms=5_000)
    try:
        await client.bootstrap()
        return bool(client.cluster.brokers())
    except (KafkaError, OSError):
        return False
    finally:
        await client.close()


async def _listens(bootstrap_servers: str) -> bool:
    """Asked first: the client logs an error for each time that nobody listens, which is what waiting is made of."""
    host, _, port = bootstrap_servers.partition(",")[0].rpartition(":")
    try:
        async with asyncio.timeout(5):
            _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
