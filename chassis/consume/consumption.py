"""What a process reads: its part of the topics, from where it has read them, in step with its group."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Protocol

from faststream.kafka import KafkaBroker

from chassis.clock import Timeline
from chassis.consume.assignment import Assignment
from chassis.consume.consumer import Consumer
from chassis.consume.faststream_adapter import Fetched, commit, records_of, subscribe
from chassis.consume.fetches import Fetches
from chassis.consume.holding import Holding
from chassis.consume.landmarks import stamps_at
from chassis.consume.membership import Member, Membership
from chassis.consume.read_offsets import ReadOffsets
from chassis.consume.reader import Record
from chassis.consume.starting_offsets import StoreWord
from chassis.consume.watermarks import Watermarks, ends
from chassis.process.settings import Settings
from chassis.process.shutdown import or_fail, or_stop
from chassis.store.connection import Connection


class Judging(Member, Protocol):
    """The process that reads, and what becomes in it of what is read."""

    settings: Settings
    timeline: Timeline

    async def connect(self) -> Connection:
        """A connection to its store. Raises what the store raises."""

    async def take(self, records: Sequence[Record], generation: int) -> None:
        """Takes what was fetched and is to be judged; while it does, nothing more is fetched.

        Once `generation` is not that of the consumption any more, another process has the partitions.
        """

    async def settled(self) -> None:
        """Returns once what is in hand has been judged and committed."""


class Consumption:
    """Owns the consumer of a process and all that is known of its reading; what there is to judge, it hands on."""

    def __init__(
        self,
        group: str,
        topics: Iterable[str],
        judging: Judging,
        broker: KafkaBroker,
        max_records: int,
        read_offsets: ReadOffsets | None = None,
    ) -> None:
        """`read_offsets`: its store says where each partition is read on; without them, the group's offsets do."""
        self._judging, settings = judging, judging.settings
        self.watermarks = Watermarks(judging.timeline, timedelta(milliseconds=settings.wakeup_margin_ms), self)
        begin = None
        if read_offsets is not None:
            landmarks = partial(stamps_at, settings.bus)
            begin = StoreWord(judging.connect, landmarks, read_offsets).read_up_to
        self.assignment = Assignment(self.watermarks, judging, self, settings.session_timeout_ms / 2000, begin)
        self.subscriber = subscribe(
            broker, topics, group, self.receive, listener=self.assignment, max_records=max_records, settings=settings
        )
        self.membership = Membership(group, self.subscriber, judging, self.watermarks, settings.store_silent_seconds)
        self.fetches = Fetches(self.watermarks, max_records)
        self.subscriber.heard_by, self.subscriber.fetches = self.membership, self.fetches
        self.holding = Holding(self, settings.fetch_max_wait_ms)
        self.assignment.give_back = self.membership.give_back

    @property
    def consumer(self) -> Consumer | None:
        """The one that reads; None while this process is not in its group."""
        return self.subscriber.consumer

    @property
    def generation(self) -> int:
        """Another one after each change of the assignment."""
        return self.watermarks.generation

    @property
    def has_joined(self) -> bool:
        """Whether the group has given this process its part, or it is known why it has none."""
        return self.watermarks.known.is_set() or self.membership.outside is not None

    async def run(self) -> None:
        """Keeps to the group, for as long as the process lives."""
        async with asyncio.TaskGroup() as jobs:
            jobs.create_task(or_fail(self.membership.run()))
            jobs.create_task(or_fail(self.holding.run()))

    async def receive(self, fetched: Fetched) -> None:
        """Hands a fetch on; an error in that ends the process, since FastStream would go on with the next fetch."""
        self.holding.expect()
        await or_stop(self._hand_on(fetched))

    async def _hand_on(self, fetched: Fetched) -> None:
        if not await self.watermarks.is_known():
            return
        self.watermarks.dispatching = True  # from here on: offsets that no record follows on are asked about
        try:
            await self._hand_on_current(fetched)
        except Exception:
            self.watermarks.revoked()  # nothing later may be judged or committed
            raise
        finally:
            self.watermarks.dispatching = False

    async def _hand_on_current(self, fetched: Fetched) -> None:
        """What was fetched under an assignment that has ended is left to whoever has it now."""
        generation, current = self.generation, self.watermarks.current(fetched)
        if not await self.assignment.follows_on(current):
            self.watermarks.revoked()
        elif current and generation == self.generation:
            records = list(records_of(current, self._judging.timeline))
            self.watermarks.dispatched(current)
            await self._judging.take(records, generation)

    async def commit(self, records: Iterable[Record], generation: int) -> None:
        """Tells the group that these have been judged, unless another has their partitions by now."""
        offsets, consumer = ends(records), self.consumer
        if offsets and consumer is not None and generation == self.generation:
            await commit(consumer, offsets)
