"""How far has been read, told wrongly: the variants of that, in a forked process only (see `variants`)."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition

import chassis.store.engine
import chassis.store.saving
from chassis.consume.assignment import Assignment
from chassis.consume.consumption import Consumption
from chassis.consume.read_offsets import ReadOffset
from chassis.consume.workers import Worker
from chassis.process.settings import Settings
from chassis.store.connection import connect
from chassis.store.engine import Batch
from tests.faults.injection.failpoints import patch


def trusts_kafka() -> None:
    """Where to read on is what the group has committed; the store's word is not asked for."""
    original = Assignment.__init__
    patch(Assignment, "__init__", lambda self, *args: original(self, *args[:4]))


def auto_commit() -> None:
    """Offsets are trusted, and committed when records are fetched, whatever becomes of them."""
    trusts_kafka()
    original = Consumption._hand_on

    async def hand_on(self: Consumption, fetched: Sequence[Any]) -> None:
        consumer: Any = self.consumer
        await consumer.commit({TopicPartition(record.topic, record.partition): record.offset + 1 for record in fetched})
        await original(self, fetched)

    patch(Consumption, "_hand_on", hand_on)


def noted_apart() -> None:
    """How far was read is noted in a transaction of its own, before that of what was judged."""
    note, settings = chassis.store.saving.note_read, Settings()

    async def noted_apart(_connection: Any, marks: Sequence[ReadOffset]) -> None:
        own = await connect(settings.database_dsn, settings.statement_timeout_seconds)
        try:
            await note(own, marks)
        finally:
            await own.close()

    patch(chassis.store.engine, "note_read", noted_apart)


def offset_before_commit() -> None:
    """Offsets are trusted, and committed first, then the transaction."""
    trusts_kafka()
    original = Worker._judge

    async def judge(self: Worker, batch: Batch, generation: int) -> None:
        await self._reading.commit(batch.records, generation)
        await original(self, batch, generation)

    patch(Worker, "_judge", judge)


def latest() -> None:
    """A partition of which nothing was read begins at its end instead of its beginning."""
    begin_as_it_is = Assignment._begin

    async def begin(self: Assignment, assigned: Sequence[TopicPartition]) -> None:
        consumer: Any = self._consumer
        ends = await consumer.end_offsets(assigned)
        given = self._read_up_to

        async def or_latest(assigned: Sequence[TopicPartition], beginnings: Mapping[TopicPartition, int]) -> Any:
            return {**ends, **await given(assigned, beginnings)}

        self._read_up_to = or_latest
        await begin_as_it_is(self, assigned)
        self._read_up_to = given

    patch(Assignment, "_begin", begin)
