"""The only place that reads time: the real clock, or a virtual one that all processes of a stack share."""

import json
import time
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Timeline(Protocol):
    """What time it is, and what time it was when the real clock showed something else."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        ...

    def at(self, real: datetime) -> datetime:
        """The instant of this timeline at which the real clock showed `real`."""
        ...


def real_now() -> datetime:
    """The real clock, whatever clock the stack lives by."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds of a clock that never jumps, for deadlines and durations within a process."""
    return time.monotonic()


def real_ns() -> int:
    """The real clock in nanoseconds since 1970, as spans have it."""
    return time.time_ns()


class RealTime:
    """The real clock."""

    def now(self) -> datetime:
        return real_now()

    def at(self, real: datetime) -> datetime:
        return real


@dataclass(frozen=True, slots=True)
class Step:
    """From the real instant `since` on, the clock shows `shows` and goes `speed` times as fast (0: stands still)."""

    since: datetime
    shows: datetime
    speed: float

    def at(self, real: datetime) -> datetime:
        return self.shows + timedelta(seconds=(real - self.since).total_seconds() * self.speed)


class VirtualTime:
    """A clock kept in a file that remembers its steps, so that a record's real arrival time can be translated.

    A step is a line, and the file only grows: after thousands of steps another one costs no more than the first.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read_at: tuple[int, int] | None = None
        self._steps: list[Step] = []
        self._read_to = 0

    def now(self) -> datetime:
        return self.at(real_now())

    def at(self, real: datetime) -> datetime:
        steps = self.steps()
        index = bisect_right(steps, real, key=lambda step: step.since) - 1
        return steps[index].at(real) if index >= 0 else steps[0].shows

    def steps(self) -> Sequence[Step]:
        """All steps so far, oldest first; when the file has changed, its new lines are read."""
        status = self.path.stat()
        read_at = (status.st_mtime_ns, status.st_size)
        if read_at != self._read_at:
            self._read_on()
            self._read_at = read_at
        return self._steps

    def step_to(self, shows: datetime, speed: float) -> None:
        """From now on the clock shows `shows` and goes at `speed`. Never back: that raises ValueError.

        A step begins with the next whole millisecond, and this returns when it has begun: the bus stamps a record with
        no more than that, and what was sent before the step must not share its stamp with what is sent after it.
        """
        real = real_now()
        since = real.replace(microsecond=real.microsecond // 1000 * 1000) + timedelta(milliseconds=1)
        if self.exists() and self.steps() and shows < self.at(since):
            raise ValueError(f"the clock shows {self.at(since).isoformat()} already and does not go back")
        line = json.dumps([since.isoformat(), shows.astimezone(UTC).isoformat(), speed])
        with self.path.open("ab", buffering=0) as file:
            file.write(f"{line}\n".encode())
        while real_now() < since:
            time.sleep(0.0001)

    def _read_on(self) -> None:
        """Reads the lines behind those known; one that is still being written is left for the next time."""
        with self.path.open("rb") as file:
            file.seek(self._read_to)
            whole = file.read().rpartition(b"\n")[0]
        for line in whole.splitlines():
            since, shows, speed = json.loads(line)
            self._steps.append(Step(datetime.fromisoformat(since), datetime.fromisoformat(shows), speed))
        self._read_to += len(whole) + 1 if whole else 0

    def exists(self) -> bool:
        """Whether the clock has been set at all."""
        return self.path.exists()


def timeline(clock_file: Path | None) -> Timeline:
    """The clock of a process: the virtual one of `clock_file`, or the real one."""
    return VirtualTime(clock_file) if clock_file else RealTime()
