"""Whether this machine was busy with something else: a figure taken beside other work is not worth much."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil

from chassis.clock import monotonic


@dataclass
class Busy:
    """How many cores were busy with what is not ours, on average over the block, and what we used; known after it."""

    elsewhere_cores: float = 0.0
    our_seconds: float = 0.0
    """Processor time of this process and its descendants: servers, services and all."""


@contextmanager
def busy() -> Iterator[Busy]:
    """All that the machine did, less what this process and its descendants did; none of ours may end meanwhile."""
    found, ours, everything, began = Busy(), _used_by_us(), _used_by_all(), monotonic()
    yield found
    found.our_seconds = _used_by_us() - ours
    others = _used_by_all() - everything - found.our_seconds
    found.elsewhere_cores = round(max(0.0, others / (monotonic() - began)), 2)


def _used_by_all() -> float:
    """Seconds of processor time of the whole machine, also what another guest of its host took away (steal)."""
    times = psutil.cpu_times()
    return float(sum(getattr(times, name, 0.0) for name in ("user", "nice", "system", "steal")))


def _used_by_us() -> float:
    used = 0.0
    this = psutil.Process()
    for process in (this, *this.children(recursive=True)):
        with suppress(psutil.Error):
            times = process.cpu_times()
            used += times.user + times.system
    return used
