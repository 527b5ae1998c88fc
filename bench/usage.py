"""Processor time that programs have used, whole: of all that they have started, also of what has ended since.

Read from Linux's `/proc`. What a process has reaped, the kernel adds to it with all that *it* had reaped: so a backend
of PostgreSQL that came and went between two looks is counted at its postmaster. A daemon that leaves its parent is not.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_TRIES = 10


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds on a processor, and seconds in which threads could have run and waited for a processor to be free.

    The waiting of threads that have ended is not in it: the kernel forgets it with them.
    """

    processor: float = 0.0
    waited: float = 0.0

    def __add__(self, more: "Usage") -> "Usage":
        return Usage(self.processor + more.processor, self.waited + more.waited)

    def __sub__(self, before: "Usage") -> "Usage":
        return Usage(self.processor - before.processor, self.waited - before.waited)

    def __mul__(self, share: float) -> "Usage":
        return Usage(self.processor * share, self.waited * share)


def usage_of(pid: int) -> Usage:
    """Of a process and its descendants, since each began. Raises ProcessLookupError when there is no such process."""
    for _ in range(_TRIES):
        with suppress(_Moved):
            return _tree(pid)
    raise ProcessLookupError(f"process {pid} ended, or its children ended faster than they could be counted")


class _Moved(Exception):
    """A process ended while the tree was read: it may be missing from what was read of its parent."""


def _tree(pid: int) -> Usage:
    used, reaped = _stat(pid)
    found = Usage(used + reaped, _waited(pid))
    for child in children(pid):
        found += _tree(child)
    if _stat(pid)[1] != reaped:
        raise _Moved
    return found


def _stat(pid: int) -> tuple[float, float]:
    """Seconds that all its threads have used, also those that have ended; and what it has reaped had used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        raise _Moved from None
    user, system, reaped_user, reaped_system = map(int, fields[11:15])
    return (user + system) / _TICKS_A_SECOND, (reaped_user + reaped_system) / _TICKS_A_SECOND


def _waited(pid: int) -> float:
    return sum(int(text.split()[1]) for text in _of_threads(pid, "schedstat") if text) / 1e9


def children(pid: int) -> list[int]:
    """The processes that this one has begun and not reaped; none when it has ended."""
    return [int(child) for text in _of_threads(pid, "children") for child in text.split()]


def _of_threads(pid: int, name: str) -> Iterator[str]:
    """What this file of each of its threads says; threads may end meanwhile."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                yield (thread / name).read_text()
