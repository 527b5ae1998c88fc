"""What `afterward up` was asked for, read and checked before anything is started."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from chassis.clock import VirtualTime
from schemas.services import EVERY_SERVICE, SERVICES

STANDS_STILL = "step"
MOST_PROCESSES = 5
"""Of one service: its role has connections for so many, and there are six partitions to divide."""


class BadOption(ValueError):
    """An option that cannot be understood; the message says what would be."""


@dataclass(frozen=True, slots=True)
class ClockStart:
    """A virtual clock: the instant at which it starts, and how many times as fast as the real one it goes."""

    shows: datetime
    speed: float
    asked: str

    @classmethod
    def parse(cls, text: str) -> "ClockStart":
        """From `INSTANT@SPEED` or `INSTANT@step`. Raises BadOption."""
        instant, _, pace = text.rpartition("@")
        try:
            shows = datetime.fromisoformat(instant)
            speed = 0.0 if pace == STANDS_STILL else float(pace)
        except ValueError:
            raise BadOption(_CLOCK_FORM) from None
        if shows.tzinfo is None or (speed <= 0 and pace != STANDS_STILL) or speed > 1_000_000:
            raise BadOption(_CLOCK_FORM)
        return cls(shows, speed, text)

    def begin(self, file: Path) -> None:
        """Sets the clock of a data directory. Raises BadOption when that would turn it back."""
        try:
            VirtualTime(file).step_to(self.shows, self.speed)
        except ValueError as error:
            raise BadOption(f"{error}; begin anew with --fresh") from None


_CLOCK_FORM = (
    "--clock takes INSTANT@SPEED or INSTANT@step, the instant with its offset: "
    "2020-10-01T00:00:00+08:00@600 lives 600 times as fast, …@step stands still until `afterward clock advance`"
)


def processes_of(asked: Sequence[str]) -> dict[str, int]:
    """Service → how many processes it has, from texts of `SERVICE=N`. Raises BadOption."""
    found = {}
    for text in asked:
        service, _, number = text.partition("=")
        if service not in EVERY_SERVICE:
            raise BadOption(f"--processes {text}: no such service; there are {', '.join(EVERY_SERVICE)}")
        if not (number.isdecimal() and 1 <= int(number) <= MOST_PROCESSES):
            raise BadOption(f"--processes {text}: a service has from 1 to {MOST_PROCESSES}, as in {service}=2")
        found[service] = int(number)
    return found


@dataclass(frozen=True, slots=True)
class Plan:
    """A stack to be started. `bus`: `embedded`, `apache-kafka` or HOST:PORT; `postgres`: an administrator's DSN.

    `subscriptions`: who outside is notified of which events; with it contact and its delivery worker are started too.
    `processes`: service → how many processes it has, where that is not one.
    """

    data_dir: Path
    bus: str = "embedded"
    postgres: str | None = None
    clock: ClockStart | None = None
    fresh: bool = False
    subscriptions: Path | None = None
    processes: Mapping[str, int] = field(default_factory=dict)

    @property
    def services(self) -> tuple[str, ...]:
        """The services that are to run."""
        return EVERY_SERVICE if self.subscriptions else SERVICES
