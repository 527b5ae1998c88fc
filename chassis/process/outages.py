"""What does not answer is told of once when it goes and once when it is back, by whoever notices first."""

import logging
from collections.abc import Callable

from chassis.clock import monotonic, real_now

log = logging.getLogger("afterward.outage")

_CLIENTS = ("aiokafka", "kafka")


class Outage:
    """Whether something outside answers, as the jobs of this process find it; each names itself.

    It is gone from when the first of them notices until the last of them has it back.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self._without: set[str] = set()
        self._reasons: set[str] = set()
        self._since = 0.0
        self.began_ms = 0
        """When it went, in milliseconds since 1970."""
        self.failures = 0
        """How often somebody has had no answer since then."""

    @property
    def lasts(self) -> bool:
        """Whether somebody is without it."""
        return bool(self._without)

    def gone(self, who: str, why: str) -> None:
        """`who` has had no answer, or a bad one."""
        if not self._without:
            self.failures, self._reasons = 0, {why}
            self._since, self.began_ms = monotonic(), int(real_now().timestamp() * 1000)
            log.warning("%s fails (%s: %s); it is asked until it answers", self.what, who, why)
        self.failures += 1
        self._without.add(who)

    def refuses(self, why: str) -> None:
        """It is there and says no, while it is gone for somebody: each reason is told of once in an outage."""
        if self._without and why not in self._reasons:
            self._reasons.add(why)
            log.error("%s cannot be used: %s", self.what, why)

    def back(self, who: str) -> None:
        """`who` has an answer; costs nothing while all is well."""
        if who in self._without:
            self._without.discard(who)
            if not self._without:
                log.warning("%s answers again, after %.0f s", self.what, monotonic() - self._since)


BUS, STORE = Outage("the bus"), Outage("the database")
"""Those of this process."""

CLIENT = "its client"
"""The name under which Kafka's client is without the bus."""


class ClientsWords(logging.Filter):
    """Kafka's client tells of each attempt, dozens a second while its broker is away: the first of them says enough."""

    def __init__(self, bus: Outage) -> None:
        super().__init__()
        self._bus = bus

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line is let through: all those that do not tell of a broker that cannot be reached."""
        if record.levelno < logging.WARNING or not str(record.msg).startswith(_UNREACHABLE):
            return not str(record.msg).startswith(_LOGGED_BY_US)
        self._bus.gone(CLIENT, record.getMessage())
        return False


_UNREACHABLE = (
    "Unable connect to",
    "Unable to request metadata from",
    "Unable to update metadata from",
    "Error sending %s to node",
    "Marking the coordinator dead",
    "Group Coordinator Request failed",
    "Heartbeat session expired",
    "Heartbeat send request failed",
    "Heartbeat failed for group %s: coordinator (node %s)",
    "LeaveGroup request failed",
    "Failed fetch messages from",
    "Failed fetch offsets from",
    "Got error produce response",
)
"""How the lines begin with which aiokafka tells that it has not reached a broker."""
_LOGGED_BY_US = ("Attempt to join group failed due to fatal error",)
"""What whoever joins is told as an error, too, each time; a `Membership` says what to do about it, once."""


def quieten_clients(bus: Outage = BUS, loggers: Callable[[], list[str]] | None = None) -> None:
    """From now on a broker that is away is told of once. Loggers are per module: those that exist are filtered."""
    names = (
        loggers()
        if loggers
        else [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in _CLIENTS]
    )
    for name in names:
        logger = logging.getLogger(name)
        if not any(isinstance(known, ClientsWords) for known in logger.filters):
            logger.addFilter(ClientsWords(bus))
