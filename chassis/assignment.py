"""Which partitions this process has been given, where each begins, and that nothing was lost before it was read."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener

from chassis.progress import Progress
from chassis.stopping import or_stop, stop

_LOST = (
    "%s[%s]: this group has read up to offset %s, but the bus keeps only what begins at %s: records were lost to "
    "retention. Have the producing service republish, then reset the group's offsets on purpose."
)


class Working(Protocol):
    """Whoever works on what was read ahead: a lane."""

    async def settled(self) -> None:
        """Returns once what is in hand has been done and committed."""


class Assignment(ConsumerRebalanceListener):
    """What happens when the partitions of the group are shared out anew, and to records that others have deleted.

    The consumer itself starts at the earliest record where it has no position (`earliest`): for a new group that is
    right, and for one that retention has overtaken it would be a silent loss, which only this class notices.
    """

    def __init__(
        self, progress: Progress, lanes: Sequence[Working], consumer: Callable[[], Any], settle_seconds: float
    ) -> None:
        self._progress, self._lanes, self._consumer = progress, lanes, consumer
        self._settle_seconds = settle_seconds

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """What was read ahead is void; what is being judged is committed first, if that does not take too long."""
        del revoked
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settle_seconds):
                await asyncio.gather(*(lane.settled() for lane in self._lanes))
        self._progress.revoked()

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Each partition goes on where the group stopped; a new group begins at the beginning."""
        await or_stop(self._begin(list(assigned)))

    async def follows_on(self, records: Sequence[ConsumerRecord[Any, Any]]) -> bool:
        """Whether nothing was deleted between what was handed on before and these; if not, the process stops."""
        gaps = self._progress.gaps(records)
        if not gaps:
            return True
        beginnings = await self._consumer().beginning_offsets(list(gaps))
        return self._all_kept(gaps, beginnings)  # other gaps are harmless: compaction, markers of transactions

    async def _begin(self, assigned: Sequence[TopicPartition]) -> None:
        consumer = self._consumer()
        beginnings = await consumer.beginning_offsets(assigned) if assigned else {}
        committed = await asyncio.gather(*(consumer.committed(partition) for partition in assigned))
        read_up_to = {partition: at for partition, at in zip(assigned, committed, strict=True) if at is not None}
        if self._all_kept(read_up_to, beginnings):
            self._progress.assigned({**beginnings, **read_up_to})

    def _all_kept(self, read_up_to: Mapping[TopicPartition, int], beginnings: Mapping[TopicPartition, int]) -> bool:
        for partition, offset in read_up_to.items():
            if offset < beginnings[partition]:
                stop(_LOST, partition.topic, partition.partition, offset, beginnings[partition])
                return False
        return True
