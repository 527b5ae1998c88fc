"""Engine, relay and domains broken on purpose, in a forked process only: what the harness must be able to see.

Each is a mistake that such systems are known for. A variant is patched on after the points at which a process may die,
so that a window which it opens has its points within it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import chassis.consume.faststream_adapter
import chassis.consume.reader
import chassis.store.engine
import chassis.store.saving
from chassis.consume.faststream_adapter import take_as_they_are
from chassis.consume.reader import Wake
from chassis.decide.judge import Judged, judge_tick, overdue
from chassis.ids import partition_of
from chassis.process.settings import Settings
from chassis.publish.archive import OutboxEvent, placed
from chassis.publish.fresh import Unsent
from chassis.publish.relay import make_producer
from chassis.store.connection import columns, connect, sql
from chassis.store.engine import Batch, Engine
from chassis.store.epoch import Epochs
from chassis.store.judging import Judging
from chassis.store.locked_row import LockedRow
from chassis.store.outcome import Outcome
from chassis.store.unit_of_work import UnitOfWork
from schemas.envelope import HEADERS
from tests.faults.injection import misreading
from tests.faults.injection.dawdling import dawdle
from tests.faults.injection.failpoints import patch
from tests.faults.injection.misjudging import naive_local_days, order_by_arrival
from tests.faults.injection.trusting import believes_any_source, reads_uncommitted
from tests.outbox import ALL_SENT
from tests.rest.mutants import ANSWERED_FOR_EVER


def _nothing_seen() -> None:
    """No message is remembered: what comes again is judged again."""
    patch(Outcome, "meet", lambda _outcome, _message_id, _content: "new")


def _seen_apart() -> None:
    """What a case has seen is saved in a transaction of its own, after that of its state."""
    judge, saved = Engine._judge, LockedRow.saved
    seen: list[tuple[str, str, bytes]] = []

    def saved_without(self: LockedRow) -> tuple[Any, ...]:
        row = list(saved(self))
        seen.append((self.aggregate.name, self.key, row[-2]))
        row[-2] = b""
        return tuple(row)

    async def judge_then_remember(self: Engine, connection: Any, batch: Batch) -> Batch:
        left = await judge(self, connection, batch)
        for row in list(seen):
            seen.remove(row)
            await connection.execute("UPDATE state SET seen = seen || $3 WHERE kind = $1 AND key = $2", *row)
        return left

    patch(LockedRow, "saved", saved_without)
    patch(Engine, "_judge", judge_then_remember)


_MAKE = "INSERT INTO state (kind, key, partition) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_VERSION_LOOKED_AT = "AND state.version = judged_row.loaded_version"


def _no_row_made() -> None:
    """A key never seen has no row that could be locked: it is made when it is saved, and so is another's."""
    _patch_sql("save_rows", lambda text: text.replace(_VERSION_LOOKED_AT, ""))
    save = chassis.store.saving.save

    async def lock_and_load(self: Engine, connection: Any, items: Sequence[Any]) -> dict[tuple[str, str], LockedRow]:
        keys = sorted({(item.aggregate.name, item.key) for item in items})
        rows = await connection.fetch(sql("lock_rows"), *columns(keys, 2)) if keys else []
        cases = {(aggregate, row[0]): LockedRow.load(self.aggregates[aggregate], row) for aggregate, *row in rows}
        for aggregate, key in keys:
            if (aggregate, key) not in cases:
                partition = partition_of(key, self.partitions)
                cases[aggregate, key] = LockedRow.holding(self.aggregates[aggregate], key, partition)
        await dawdle()
        return cases

    async def save_new(connection: Any, unit: UnitOfWork, cases: Iterable[LockedRow]) -> None:
        cases = list(cases)
        for case in cases:
            await connection.execute(_MAKE, case.aggregate.name, case.key, case.partition)
        await save(connection, unit, cases)

    patch(Engine, "_lock_and_load", lock_and_load)
    patch(chassis.store.engine, "save", save_new)


def _no_row_lock() -> None:
    """Rows are loaded without a lock, and saved whatever has become of them since.

    Without the lock alone nothing is lost: a row whose version has moved on is not saved (StaleRow).
    """
    _patch_sql("lock_rows", lambda text: text.replace("FOR NO KEY UPDATE OF state", ""))
    _patch_sql("save_rows", lambda text: text.replace(_VERSION_LOOKED_AT, ""))


_NUMBERS = """
UPDATE shard_stated SET last = last + said.events FROM unnest($1::int[], $2::int[]) AS said (shard, events)
WHERE shard_stated.shard = said.shard RETURNING shard_stated.shard, last - said.events AS last
"""
_ARCHIVED = """
INSERT INTO archive (id, recorded_at, topic, key, partition, event_id, message) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


def _numbers_without_a_lock() -> None:
    """Numbers are taken in a transaction of their own: one with lower numbers that commits later is passed over."""
    settings = Settings()

    async def state(connection: Any, now: datetime, emitted: Sequence[OutboxEvent], _epoch: int) -> list[Unsent]:
        shards, counts, places = placed(emitted)
        own = await connect(settings.database, 30)
        try:
            last = dict(await own.fetch(_NUMBERS, shards, counts))
        finally:
            await own.close()
        await dawdle()
        stated = []
        for event, (_, place) in zip(emitted, places, strict=True):
            one = Unsent(event.partition, last[event.partition] + place, event.topic, event.key, event.message)
            row = one.id, now, one.topic, one.key, one.shard, event.id, one.message
            await connection.execute(_ARCHIVED, *row)
            stated.append(one)
        return stated

    patch(chassis.store.saving, "state", state)


def _publish_outside_the_outbox() -> None:
    """Events are published by whoever judged, after the commit; the outbox stays empty."""
    judge, save = Engine._judge, chassis.store.saving.save
    emitted: list[OutboxEvent] = []
    settings = Settings()

    async def save_without_outbox(connection: Any, unit: UnitOfWork, cases: Iterable[LockedRow]) -> None:
        await save(connection, unit, cases)
        await connection.execute(ALL_SENT)
        emitted.extend(unit.emitted)
        unit.stated = []

    async def judge_then_publish(self: Engine, connection: Any, batch: Batch) -> Batch:
        left = await judge(self, connection, batch)
        events, emitted[:] = list(emitted), []
        async with make_producer(settings.bootstrap_servers, settings.producer_idempotent) as producer:
            for event in events:
                key = event.key.encode()
                await producer.send(event.topic, event.message, key, event.partition, headers=list(HEADERS))
        return left

    patch(chassis.store.engine, "save", save_without_outbox)
    patch(Engine, "_judge", judge_then_publish)


def _header_that_skips() -> None:
    """Headers are decoded before anything else, as FastStream's own parser does; what raises there is passed over."""

    async def parse(records: Sequence[Any]) -> Any:
        for record in records:
            assert all(value.decode() is not None for _, value in record.headers)
        return await take_as_they_are(records)

    patch(chassis.consume.faststream_adapter, "take_as_they_are", parse)


def _wake_up_fired_twice() -> None:
    """A tick that is judged twice, as of the state before it: what it says is said twice."""

    def wake(self: Judging, outcome: Outcome, woken: Wake, watermark: datetime) -> None:
        aggregate, context = outcome.case.aggregate, outcome.context
        for judged in overdue(aggregate, outcome.state, watermark, context):
            _fire(self, outcome, judged)
        if woken.due is None:
            _fire(self, outcome, judge_tick(aggregate, outcome.state, watermark, context))

    def _fire(judging: Judging, outcome: Outcome, judged: Judged[Any, Any]) -> None:
        judging._step(outcome, judged, None)
        judging._step(outcome, judged, None)

    patch(Judging, "_wake", wake)


def _answered_for_ever() -> None:
    """What treatment says of a result follows from what intake has made of it: two services answer each other."""
    for (owner, name), value in ANSWERED_FOR_EVER.items():
        patch(owner, name, value)


def _no_epoch() -> None:
    """A store that has gone back goes on as if nothing had happened: it states below what it said before."""

    async def begin(epochs: Epochs) -> int:
        connection = await epochs._connect()
        try:
            return int(await connection.fetchval(sql("read_epoch")))
        finally:
            connection.terminate()

    async def same(_epochs: Epochs, connection: Any) -> Any:
        return connection

    patch(Epochs, "begin", begin)
    patch(Epochs, "same", same)


VARIANTS: Mapping[str, Callable[[], None]] = {
    "Kafka's offsets are trusted": misreading.trusts_kafka,
    "how far was read is noted in another transaction": misreading.noted_apart,
    "Kafka's offsets are trusted, and committed for what was fetched": misreading.auto_commit,
    "Kafka's offsets are trusted, and committed before the transaction": misreading.offset_before_commit,
    "nothing is left out": _nothing_seen,
    "what was seen is saved in another transaction": _seen_apart,
    "no row is made before the lock": _no_row_made,
    "rows are not locked": _no_row_lock,
    "numbers are given without a lock": _numbers_without_a_lock,
    "a group begins at the latest record": misreading.latest,
    "events are published past the outbox": _publish_outside_the_outbox,
    "a day of a plan is a day in UTC": naive_local_days,
    "of two versions the one that came last holds": order_by_arrival,
    "a record with headers that cannot be decoded is passed over": _header_that_skips,
    "a tick is judged twice": _wake_up_fired_twice,
    "two services answer each other for ever": _answered_for_ever,
    "what a transaction aborted is read": reads_uncommitted,
    "an event is believed whoever states it": believes_any_source,
    "a store that has gone back begins no epoch": _no_epoch,
}


def _patch_sql(name: str, change: Callable[[str], str]) -> None:
    changed = change(sql(name))
    assert changed != sql(name), f"{name} no longer says what was to be changed"
    before = vars(chassis.store.engine)["sql"]

    def changed_sql(asked: str, *package: str) -> Any:
        return changed if asked == name else before(asked, *package)

    for module in (chassis.store.engine, chassis.store.saving):
        patch(module, "sql", changed_sql)
