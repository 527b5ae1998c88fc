"""For how long the broker may hold an empty fetch: for longer while nothing comes and nobody waits.

Fetches that are asked anew twenty times a second, over all partitions of all topics, are most of what an idle stack
costs. A broker that answers as soon as a record comes is asked less often for nothing; where one lets each fetch wait
its time out (the embedded bus), the first record after a quiet time waits a little, and no other.
"""

import asyncio

from chassis.clock import monotonic
from chassis.consume.consumer import HasConsumer
from chassis.consume.library_internals import hold_fetches

QUIET_SECONDS = 5.0
"""So long after the last record, and after somebody has waited for quiet, nothing is expected."""
TIMES_AS_LONG = 5
LOOK_SECONDS = QUIET_SECONDS


class Holding:
    """`hold_ms`: how long a fetch is held while something is expected."""

    def __init__(self, holder: HasConsumer, hold_ms: int) -> None:
        self._holder, self._hold_ms = holder, hold_ms
        self._expected_until = 0.0

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is expected."""
        return monotonic() >= self._expected_until

    def expect(self) -> None:
        """Something has come, or somebody waits until all has been read: from the next fetch on nobody waits long."""
        was_quiet, self._expected_until = self.is_quiet, monotonic() + QUIET_SECONDS
        if was_quiet:
            self._hold()

    async def run(self) -> None:
        """Sees to it that a time becomes quiet, and that a consumer made since then knows."""
        while True:
            self._hold()
            await asyncio.sleep(LOOK_SECONDS)

    def _hold(self) -> None:
        consumer = self._holder.consumer
        if consumer is not None:
            hold_fetches(consumer, self._hold_ms * (TIMES_AS_LONG if self.is_quiet else 1))
