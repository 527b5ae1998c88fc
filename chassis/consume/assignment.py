"""Which partitions this process has been given, where each begins, and that nothing was lost before it was read."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import ConsumerStoppedError, IllegalStateError, KafkaError

from chassis.consume.consumer import Consumer, HasConsumer
from chassis.consume.watermarks import Watermarks
from chassis.process.shutdown import or_stop, stop
from chassis.store.connection import STORE_FAILED

_LOST = (
    "%s[%s]: this group has read up to offset %s, but the bus keeps only what begins at %s: records were lost to "
    "retention. Have the producing service republish, then have the topic read from its beginning on purpose "
    "(docs/operations/lost-bus.md says how)."
)
_WENT_BACK = (
    "%s[%s]: offset %s comes after everything before %s had been read: the bus has lost its records and begins anew. "
    "The process stops, to begin at the beginning of what there is now."
)
_UNKNOWN = "nobody has said how far has been read"

ReadUpTo = Callable[[Sequence[TopicPartition], Mapping[TopicPartition, int]], Awaitable[Mapping[TopicPartition, int]]]
"""(partitions, where the bus begins in each) → where to read on, for each of which anything has been read."""


class Settling(Protocol):
    """Whatever works on what was read ahead: a process."""

    async def settled(self) -> None:
        """Returns once what is in hand has been done and committed."""


class Assignment(ConsumerRebalanceListener):
    """What happens when the partitions of the group are shared out anew, and to records that others have deleted.

    `read_up_to` says where to read on; without it, what the group has committed does. The consumer itself starts at the
    earliest record where it has no position (`earliest`): for one that retention has overtaken it would be a silent
    loss, which only this class notices.
    """

    def __init__(
        self,
        watermarks: Watermarks,
        process: Settling,
        holder: HasConsumer,
        settle_seconds: float,
        read_up_to: ReadUpTo | None = None,
    ) -> None:
        self._watermarks, self._process, self._holder = watermarks, process, holder
        self._settle_seconds = settle_seconds
        self._read_up_to = read_up_to or self._committed
        self.give_back: Callable[[str], None] = stop
        """Called when nobody says where to read on."""

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """What was read ahead is void; what is being judged is committed first, if that does not take too long."""
        del revoked
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settle_seconds):
                await self._process.settled()
        self._watermarks.revoked()

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Each partition goes on where it was read up to; one of which nothing was read begins at the beginning."""
        await or_stop(self._begin(list(assigned)))

    async def follows_on(self, records: Sequence[ConsumerRecord[Any, Any]]) -> bool:
        """Whether nothing was deleted between what was handed on before and these; if not, the process stops."""
        for partition, (offset, expected) in self._watermarks.set_back(records).items():
            stop(_WENT_BACK, partition.topic, partition.partition, offset, expected)
            return False
        gaps = self._watermarks.gaps(records)
        if not gaps:
            return True
        beginnings = await self._consumer.beginning_offsets(list(gaps))
        return self._all_kept(gaps, beginnings)  # other gaps are harmless: compaction, markers of transactions

    @property
    def _consumer(self) -> Consumer:
        consumer = self._holder.consumer
        if consumer is None:  # only a consumer tells of an assignment, or brings records
            raise ConsumerStoppedError
        return consumer

    async def _begin(self, assigned: Sequence[TopicPartition]) -> None:
        consumer = self._consumer
        consumer.pause(*assigned)  # before it fetches anything from where the group has committed
        beginnings = await consumer.beginning_offsets(assigned) if assigned else {}
        try:
            read_up_to = await self._read_up_to(assigned, beginnings)
        except (*STORE_FAILED, KafkaError) as error:
            self.give_back(f"{_UNKNOWN} ({type(error).__name__})")
            return
        if self._all_kept(read_up_to, beginnings):
            with suppress(IllegalStateError):  # it has been taken away again meanwhile
                self._read_from(consumer, {**beginnings, **read_up_to})

    def _read_from(self, consumer: Consumer, offsets: Mapping[TopicPartition, int]) -> None:
        for partition, offset in offsets.items():
            consumer.seek(partition, offset)
        self._watermarks.assigned(offsets)
        consumer.resume(*offsets)

    async def _committed(
        self, assigned: Sequence[TopicPartition], _beginnings: Mapping[TopicPartition, int]
    ) -> Mapping[TopicPartition, int]:
        committed = await asyncio.gather(*(self._consumer.committed(partition) for partition in assigned))
        return {partition: at for partition, at in zip(assigned, committed, strict=True) if at is not None}

    def _all_kept(self, read_up_to: Mapping[TopicPartition, int], beginnings: Mapping[TopicPartition, int]) -> bool:
        for partition, offset in read_up_to.items():
            if offset < beginnings[partition]:
                stop(_LOST, partition.topic, partition.partition, offset, beginnings[partition])
                return False
        return True
