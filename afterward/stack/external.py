"""A bus that somebody else runs: it is used, never started or ended."""

from afterward.stack.bus import answers
from afterward.stack.process import StartFailed
from chassis.bus_access import BusAccess


class ExternalBus:
    """Kafka at HOST:PORT. See `afterward.stack.bus.Bus`."""

    idempotent = True
    static_members = True
    fetch_max_wait_ms = 100
    name = "Kafka"

    def __init__(self, bootstrap_servers: str) -> None:
        self.bootstrap_servers = bootstrap_servers

    @property
    def access(self) -> BusAccess:
        """In plain text."""
        return BusAccess(self.bootstrap_servers)

    @property
    def is_running(self) -> bool:
        """Whether it runs is its owner's business."""
        return True

    async def start(self) -> None:
        """Nothing is started; raises StartFailed when nobody answers there."""
        if not await answers(self.bootstrap_servers):
            raise StartFailed(f"no Kafka answers at {self.bootstrap_servers}: check --bus HOST:PORT")

    async def stop(self) -> None:
        """Nothing is ended."""

    def kill(self) -> None:
        """Nothing is ended."""
