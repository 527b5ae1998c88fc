"""The pipeline, for a batch at a time, in one transaction: lock and load, leave out what was seen, judge, save, say.

A record that reached the bus is never lost; what it causes inside a service happens exactly once.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from chassis.clock import Timeline, monotonic
from chassis.consume.read_offsets import ReadOffset, ReadOffsets
from chassis.consume.reader import Accepted, Keyed, Reader, Record, Rejected, Unprocessable, Wake
from chassis.consume.sequences import Sequences
from chassis.decide.aggregate import AnyAggregate
from chassis.decide.together import Group, about, behind_others, gathered, of_many
from chassis.ids import partition_of
from chassis.process.metrics import Metrics, Stages
from chassis.publish.fresh import Fresh
from chassis.publish.traces import Tracing, Trail
from chassis.store.ahead import Ahead
from chassis.store.connection import REFUSED_BY_STORE, Connection, columns, sql
from chassis.store.contexts import Contexts
from chassis.store.erased import but_erased, of_known
from chassis.store.locked_row import LockedRow
from chassis.store.migrate import ArchiveMonths
from chassis.store.parked import Parked
from chassis.store.quota import LIMITS, Limits
from chassis.store.saving import note_read, save
from chassis.store.settling import unsettled
from chassis.store.unit_of_work import UnitOfWork
from chassis.store.waking import is_woken, judges

JUDGING_SECONDS = 1.0
"""After so long a transaction is committed with what has been judged, and the rest is for the next one. However much
follows from a batch: a transaction ends well before its deadline, and the group hears from this process meanwhile."""
REMEMBERED = 50_000
"""Rows that an engine remembers to exist, so that nobody need try to make them."""


@dataclass(slots=True)
class Batch:
    """Records in the order in which they came, rows that are due, and how far each partition has been read.

    `loaded_bytes`: what the stored documents of its cases weigh, once it has been judged; but for cases that have many
    messages in it, which would weigh as much in a smaller one.
    """

    records: Sequence[Record] = ()
    wakes: Sequence[Wake] = ()
    watermark: Mapping[int, datetime] = field(default_factory=dict)
    loaded_bytes: int = 0

    @property
    def size(self) -> int:
        """How many things are to be judged."""
        return len(self.records) + len(self.wakes)

    def split(self, at: int) -> tuple["Batch", "Batch"]:
        """The first `at` things and the others; no wake before the last record: `watermark` holds only then."""
        wakes = max(0, at - len(self.records))
        first = Batch(self.records[:at], self.wakes[:wakes], self.watermark)
        return first, Batch(self.records[at:], self.wakes[wakes:], self.watermark)

    def then(self, others: "Batch") -> "Batch":
        """This, and after it what was split off."""
        return Batch([*self.records, *others.records], [*self.wakes, *others.wakes], others.watermark)


class Engine:
    """Judges the batches of one service. Holds no state between batches, but for which rows it has seen to exist, how
    far all that it was handed has been judged (`read_offsets`), and what a look at the clock could find (`ahead`)."""

    def __init__(
        self,
        service: str,
        aggregates: Iterable[AnyAggregate],
        reader: Reader,
        timeline: Timeline,
        partitions: int,
        metrics: Metrics,
        limits: Limits = LIMITS,
    ) -> None:
        self.service = service
        self.aggregates = {aggregate.name: aggregate for aggregate in aggregates}
        self.reader = reader
        self.timeline = timeline
        self.partitions = partitions
        self.metrics = metrics
        self._limits = limits
        self._sequences = Sequences(metrics.far_sequences)
        self.read_offsets = ReadOffsets()
        self.fresh = Fresh()
        """What was committed last and not sent yet, for the relay of this process."""
        self.ahead = Ahead()
        self.epoch = 0
        """In which events are stated: what the store said as this process began."""
        self.tracing: Tracing | None = None
        """Which traces this process takes part in; None: in none."""
        self._months = ArchiveMonths()
        self._made: dict[int, None] = {}
        """Hashes of the rows' names, which weigh less. A row that only seems to exist is missed when it is locked."""

    async def process(self, connection: Connection, batch: Batch) -> Batch:
        """Judges as much of a batch as one transaction has the time for, and commits it. Returns what is left.

        Data that the store refuses is found by halving, and parked. Raises whatever the connection raises when it
        fails, and StoreWentBack: nothing of the batch has happened then.
        """
        await self._months.ensure(connection, self.timeline.now())
        try:
            return await self._judge(connection, batch)
        except REFUSED_BY_STORE:
            if batch.size > 1:
                first, others = batch.split(batch.size // 2)
                return (await self.process(connection, first)).then(others)
            await self._park_alone(connection, batch)
            return Batch()

    async def _judge(self, connection: Connection, batch: Batch) -> Batch:
        trail = None if self.tracing is None else self.tracing.trail(self.metrics, self.epoch)
        unit, stage = self._unit_of_work(trail), Stages(self.metrics) if trail is None else trail.watch
        items: list[Keyed] = [*self._read(unit, batch.records), *batch.wakes]
        stage.over("read")
        async with connection.transaction():
            cases = await self._lock_and_load(connection, items)
            await take_wakes(connection, batch)
            items = of_known(unit, items, cases)
            if self.epoch:
                unit.unsettled = await unsettled(connection, list(cases))
            contexts = await self._contexts(connection, items, cases, batch.watermark)
            many = of_many(items, len(cases))
            stage.over("load")
            left = _judge_in_time(unit, items, many, cases, contexts, batch.watermark)
            stage.over("judge")
            marks = self.read_offsets.after(judged := _without(batch.records, left.records))
            await note_read(connection, marks)
            asked = await save(connection, unit, cases.values())
            stage.over("save")
        self.ahead.saved(cases.values(), asked=asked)
        self._committed(unit, cases, judged, marks)
        stage.over("commit")
        batch.loaded_bytes = sum(case.loaded_bytes for about, case in cases.items() if about not in many)
        self._count(unit, len(batch.records) - len(left.records), len(batch.wakes) - len(left.wakes), trail)
        return left

    def _committed(
        self,
        unit: UnitOfWork,
        cases: Iterable[tuple[str, str]],
        judged: Iterable[Record],
        marks: Iterable[ReadOffset],
    ) -> None:
        """What was stated goes to the relay; what was read and which rows exist is remembered."""
        self.fresh.put(unit.stated)
        self.read_offsets.keep(judged, marks)
        self._remember(cases)

    def _count(self, unit: UnitOfWork, records: int, wakes: int, trail: Trail | None = None) -> None:
        """What has been committed is counted, and shown where its traces are taken."""
        self.metrics.judged(unit, records, wakes)
        if trail is not None:
            trail.committed(records, wakes, len(unit.parked))

    def _unit_of_work(self, trail: Trail | None = None) -> UnitOfWork:
        return UnitOfWork(self.service, self.timeline.now(), self.partitions, self._limits, self.epoch, trail)

    def _read(self, unit: UnitOfWork, records: Iterable[Record]) -> Iterator[Keyed]:
        for record in records:
            item = self.reader.read(record)
            if isinstance(item, Unprocessable):
                unit.parked.append(Parked(record, item.reason))
            elif item is not None:
                if isinstance(item, Accepted) and not item.content:  # an event
                    self._sequences.look(record, item.envelope)
                yield item
            elif record.parked_id is not None:  # parked by an earlier version, and none of our business now
                unit.unparked.append(record.parked_id)

    async def _park_alone(self, connection: Connection, batch: Batch) -> None:
        unit = self._unit_of_work()
        for record in batch.records:
            item = self.reader.read(record)
            unit.parked.append(Parked(record, "refused_by_store", *_names(item)))
        async with connection.transaction():
            cases = await self._lock_and_load(connection, batch.wakes)
            await take_wakes(connection, batch)
            for wake in of_known(unit, batch.wakes, cases):
                unit.block(cases[about(wake)], wake, "refused_by_store")
            marks = self.read_offsets.after(batch.records)
            await note_read(connection, marks)
            await save(connection, unit, cases.values())
        self.read_offsets.keep(batch.records, marks)
        self._count(unit, len(batch.records), len(batch.wakes))

    async def _lock_and_load(self, connection: Connection, items: Sequence[Keyed]) -> dict[tuple[str, str], LockedRow]:
        keys = sorted({(item.aggregate.name, item.key) for item in items})
        if not keys:
            return {}
        await self._make_rows(connection, [key for key in keys if hash(key) not in self._made])
        rows = await connection.fetch(sql("lock_rows"), *columns(keys, 2))
        if len(rows) < len(keys):  # rows were erased, the store was set back, or two hashes are the same
            self._made.clear()
            await self._make_rows(connection, keys)
            rows = await connection.fetch(sql("lock_rows"), *columns(keys, 2))
        rows = await but_erased(connection, rows)
        return {(aggregate, row[0]): LockedRow.load(self.aggregates[aggregate], row) for aggregate, *row in rows}

    async def _make_rows(self, connection: Connection, keys: Sequence[tuple[str, str]]) -> None:
        if keys:
            aggregates, names = columns(keys, 2)
            partitions = [partition_of(name, self.partitions) for name in names]
            await connection.execute(sql("add_rows"), aggregates, names, partitions)

    def _remember(self, keys: Iterable[tuple[str, str]]) -> None:
        """These have rows, which only an erasure deletes: nothing need be made for them again."""
        self._made.update(dict.fromkeys(map(hash, keys)))
        for key in list(islice(self._made, max(0, len(self._made) - REMEMBERED))):
            del self._made[key]

    async def _contexts(
        self,
        connection: Connection,
        items: Iterable[Keyed],
        cases: Mapping[tuple[str, str], LockedRow],
        watermark: Mapping[int, datetime],
    ) -> Contexts:
        """What the rules need of what is judged, and of no others: a context may say who else is judged beside whom."""
        asked: dict[str, set[str]] = defaultdict(set)
        for item in items:
            if item.aggregate.context is not None and judges(item, cases[about(item)], watermark):
                asked[item.aggregate.name].add(item.key)
        contexts = Contexts()
        for name, keys in sorted(asked.items()):
            aggregate = self.aggregates[name]
            if aggregate.context is not None:
                contexts.put(aggregate, await aggregate.context(connection, sorted(keys)))
        return contexts


def _judge_in_time(
    unit: UnitOfWork,
    items: Sequence[Keyed],
    many: Collection[tuple[str, str]],
    cases: Mapping[tuple[str, str], LockedRow],
    contexts: Contexts,
    watermark: Mapping[int, datetime],
) -> Batch:
    """Judges one item after the other, until the time is up. What is left; who was woken among it is woken again.

    Where a case has `many` messages they are judged together; those that cannot be go behind those of other cases.
    """
    woken = deque(item for item in items if isinstance(item, Wake))
    messages = [item for item in items if not isinstance(item, Wake)]
    groups: deque[Group] = gathered(messages, many)
    until = monotonic() + JUDGING_SECONDS
    while groups or woken:
        group = groups.popleft() if groups else ()
        item = group[0] if group else woken.popleft()
        case = cases[about(item)]
        asked = watermark.get(case.partition), contexts.of(case)
        if len(group) <= 1:
            outcome = None if unit.judge_ordinary(case, item, *asked) else unit.judge(case, item, *asked)
        else:
            outcome = unit.judge_together(case, group, *asked)
            if outcome is None:
                groups = behind_others(groups, group)
        if outcome is not None:
            contexts.put_back(outcome)
        if monotonic() > until:
            break
    unit.wakes.update((wake.aggregate.name, wake.key) for wake in woken if is_woken(wake))
    return Batch([item.record for group in groups for item in group], list(woken), watermark)


def _without(records: Sequence[Record], left: Sequence[Record]) -> Sequence[Record]:
    """Those records that are not left: judged, refused, parked, or none of our business."""
    if not left:
        return records
    waiting = {(record.topic, record.partition, record.offset) for record in left}
    return [record for record in records if (record.topic, record.partition, record.offset) not in waiting]


def _names(item: Accepted | Rejected | Unprocessable | None) -> tuple[str | None, str | None]:
    return (item.aggregate.name, item.key) if isinstance(item, Accepted | Rejected) else (None, None)


async def take_wakes(connection: Connection, batch: Batch) -> None:
    """Consumes wakes under their rows' locks and before `context` is asked: no wake crosses with a judgement."""
    woken = sorted((wake.aggregate.name, wake.key) for wake in batch.wakes if is_woken(wake))
    if woken:
        await connection.execute(sql("take_wakes"), *columns(woken, 2))
