"""How far has been read, told wrongly: the variants of that, in a forked process only (see `variants`)."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition

import chassis.engine
import chassis.saving
from chassis.assignment import Assignment
from chassis.bookmarks import Bookmark
from chassis.engine import Batch
from chassis.lanes import Lane
from chassis.service import Service
from chassis.settings import Settings
from chassis.store import connect
from tests.faults.failpoints import patch


def trusts_kafka() -> None:
    """Where to read on is what the group has committed; the store's word is not asked for."""
    original = Assignment.__init__
    patch(Assignment, "__init__", lambda self, *args: original(self, *args[:4]))


def auto_commit() -> None:
    """Offsets are trusted, and committed when records are fetched, whatever becomes of them."""
    trusts_kafka()
    original = Service._hand_over

    async def hand_over(self: Service, fetched: Sequence[Any]) -> None:
        ends = {TopicPartition(record.topic, record.partition): record.offset + 1 for record in fetched}
        await self._consumer.commit(ends)
        await original(self, fetched)

    patch(Service, "_hand_over", hand_over)


def noted_apart() -> None:
    """How far was read is noted in a transaction of its own, before that of what was judged."""
    note, settings = chassis.saving.note_read, Settings()

    async def noted_apart(_connection: Any, marks: Sequence[Bookmark]) -> None:
        own = await connect(settings.database_dsn, settings.statement_timeout_seconds)
        try:
            await note(own, marks)
        finally:
            await own.close()

    patch(chassis.engine, "note_read", noted_apart)


def offset_before_commit() -> None:
    """Offsets are trusted, and committed first, then the transaction."""
    trusts_kafka()
    original = Lane._judge

    async def judge(self: Lane, batch: Batch, generation: int) -> None:
        await self._commit(batch.records, generation)
        await original(self, batch, generation)

    patch(Lane, "_judge", judge)


def latest() -> None:
    """A partition of which nothing was read begins at its end instead of its beginning."""
    begin_as_it_is = Assignment._begin

    async def begin(self: Assignment, assigned: Sequence[TopicPartition]) -> None:
        ends = await self._consumer().end_offsets(assigned)
        told = self._read_up_to

        async def or_latest(assigned: Sequence[TopicPartition], beginnings: Mapping[TopicPartition, int]) -> Any:
            return {**ends, **await told(assigned, beginnings)}

        self._read_up_to = or_latest
        await begin_as_it_is(self, assigned)
        self._read_up_to = told

    patch(Assignment, "_begin", begin)
