"""The pipeline, for a batch at a time, in one transaction: lock and load, leave out what was seen, judge, save, say.

A record that reached the bus is never lost; what it causes inside a service happens exactly once.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from chassis.bookmarks import Bookmark, Bookmarks
from chassis.case import Case
from chassis.clock import Timeline, monotonic
from chassis.docket import UNPROMPTED_STEPS, Docket
from chassis.ids import partition_of
from chassis.migrate import ArchiveMonths
from chassis.parked import Parked
from chassis.reading import Keyed, Reader, Record, Refused, Taught, Unjudgeable, Wake
from chassis.routes import Kind
from chassis.sequences import Sequences
from chassis.settling import unsettled
from chassis.stating import state
from chassis.store import REFUSED_BY_STORE, Connection, StoreWentBack, columns, sql
from chassis.tables import save_tables
from chassis.telemetry import Telemetry

JUDGING_SECONDS = 1.0
"""After so long a transaction is committed with what has been judged, and the rest is for the next one. However much
follows from a batch: a transaction ends well before its deadline, and the group hears from this process meanwhile."""
REMEMBERED = 50_000
"""Rows that an engine remembers to exist, so that nobody need try to make them."""


@dataclass(slots=True)
class Batch:
    """Records in the order in which they came, rows that are due, and how far each partition has been read.

    `loaded_bytes`: what the stored documents of its cases weigh, once it has been judged.
    """

    records: Sequence[Record] = ()
    wakes: Sequence[Wake] = ()
    read_to: Mapping[int, datetime] = field(default_factory=dict)
    loaded_bytes: int = 0

    @property
    def size(self) -> int:
        """How many things are to be judged."""
        return len(self.records) + len(self.wakes)

    def split(self, at: int) -> tuple["Batch", "Batch"]:
        """The first `at` things and the others; no wake before the last record: `read_to` holds only then."""
        wakes = max(0, at - len(self.records))
        first = Batch(self.records[:at], self.wakes[:wakes], self.read_to)
        return first, Batch(self.records[at:], self.wakes[wakes:], self.read_to)

    def then(self, others: "Batch") -> "Batch":
        """This, and after it what was split off."""
        return Batch([*self.records, *others.records], [*self.wakes, *others.wakes], others.read_to)


class Engine:
    """Judges the batches of one service. Holds no state between batches, but for which rows it has seen to exist, and
    how far all that it was handed has been judged (`bookmarks`)."""

    def __init__(
        self,
        service: str,
        kinds: Iterable[Kind],
        reader: Reader,
        timeline: Timeline,
        partitions: int,
        told: Telemetry,
        unprompted_steps: int = UNPROMPTED_STEPS,
    ) -> None:
        self.service = service
        self.kinds = {kind.name: kind for kind in kinds}
        self.reader = reader
        self.timeline = timeline
        self.partitions = partitions
        self.told = told
        self._unprompted_steps = unprompted_steps
        self._sequences = Sequences(told.far_sequences)
        self.bookmarks = Bookmarks()
        self.epoch = 0
        """In which events are stated: what the store said as this process began."""
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
        docket = self._docket()
        items: list[Keyed] = [*self._read(docket, batch.records), *batch.wakes]
        async with connection.transaction():
            cases = await self._lock_and_load(connection, items)
            await take_wakes(connection, batch)
            if settling := [(wake.kind.name, wake.key) for wake in batch.wakes if wake.settles]:
                docket.unsettled = await unsettled(connection, settling, self.epoch)
            worlds = await self._worlds(connection, {(item.kind.name, item.key) for item in items if _judges(item)})
            left = _judge_in_time(docket, items, cases, worlds, batch.read_to)
            judged = _without(batch.records, left.records)
            marks = self.bookmarks.after(judged)
            await note_read(connection, marks)
            await save(connection, docket, cases.values())
            if docket.settled:
                await connection.execute(sql("settle"), *columns(docket.settled, 2))
        self.bookmarks.keep(judged, marks)
        self._remember(cases)
        batch.loaded_bytes = sum(case.loaded_bytes for case in cases.values())
        records, wakes = len(batch.records) - len(left.records), len(batch.wakes) - len(left.wakes)
        self.told.judged(docket, records=records, wakes=wakes)
        return left

    def _docket(self) -> Docket:
        return Docket(self.service, self.timeline.now(), self.partitions, self._unprompted_steps, self.epoch)

    def _read(self, docket: Docket, records: Iterable[Record]) -> Iterator[Keyed]:
        for record in records:
            item = self.reader.read(record)
            if isinstance(item, Unjudgeable):
                docket.parked.append(Parked(record, item.reason))
            elif item is not None:
                if isinstance(item, Taught) and not item.content:  # an event
                    self._sequences.look(record, item.envelope)
                yield item
            elif record.parked_id is not None:  # parked by an earlier version, and none of our business now
                docket.unparked.append(record.parked_id)

    async def _park_alone(self, connection: Connection, batch: Batch) -> None:
        docket = self._docket()
        for record in batch.records:
            item = self.reader.read(record)
            docket.parked.append(Parked(record, "refused_by_store", *_names(item)))
        async with connection.transaction():
            cases = await self._lock_and_load(connection, batch.wakes)
            await take_wakes(connection, batch)
            for wake in batch.wakes:
                docket.stick(cases[wake.kind.name, wake.key], wake, "refused_by_store")
            marks = self.bookmarks.after(batch.records)
            await note_read(connection, marks)
            await save(connection, docket, cases.values())
        self.bookmarks.keep(batch.records, marks)
        self.told.judged(docket, records=len(batch.records), wakes=len(batch.wakes))

    async def _lock_and_load(self, connection: Connection, items: Sequence[Keyed]) -> dict[tuple[str, str], Case]:
        keys = sorted({(item.kind.name, item.key) for item in items})
        if not keys:
            return {}
        await self._make_rows(connection, [key for key in keys if hash(key) not in self._made])
        rows = await connection.fetch(sql("lock_rows"), *columns(keys, 2))
        if len(rows) < len(keys):  # the store has forgotten rows (it was set back), or two hashes are the same
            self._made.clear()
            await self._make_rows(connection, keys)
            rows = await connection.fetch(sql("lock_rows"), *columns(keys, 2))
        return {(kind, row[0]): Case.load(self.kinds[kind], row) for kind, *row in rows}

    async def _make_rows(self, connection: Connection, keys: Sequence[tuple[str, str]]) -> None:
        if keys:
            kinds, names = columns(keys, 2)
            partitions = [partition_of(name, self.partitions) for name in names]
            await connection.execute(sql("add_rows"), kinds, names, partitions)

    def _remember(self, keys: Iterable[tuple[str, str]]) -> None:
        """These have rows, which are never deleted: nothing need be made for them again."""
        self._made.update(dict.fromkeys(map(hash, keys)))
        for key in list(islice(self._made, max(0, len(self._made) - REMEMBERED))):
            del self._made[key]

    async def _worlds(self, connection: Connection, judged: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Any]:
        """What the rules need of these, and of no others: a world may say who else is judged beside whom."""
        asked: dict[str, list[str]] = defaultdict(list)
        for kind, key in sorted(judged):
            asked[kind].append(key)
        worlds: dict[tuple[str, str], Any] = {}
        for name, keys in asked.items():
            world = self.kinds[name].world
            if world is not None:
                worlds.update({(name, key): value for key, value in (await world(connection, keys)).items()})
        return worlds


def _judge_in_time(
    docket: Docket,
    items: Sequence[Keyed],
    cases: Mapping[tuple[str, str], Case],
    worlds: Mapping[tuple[str, str], Any],
    read_to: Mapping[int, datetime],
) -> Batch:
    """Judges one item after the other, until the time is up. What is left; who was woken among it is woken again."""
    waiting, until = deque(items), monotonic() + JUDGING_SECONDS
    while waiting:
        item = waiting.popleft()
        case = cases[item.kind.name, item.key]
        docket.judge(case, item, read_to.get(case.partition), worlds.get((case.kind.name, case.key)))
        if monotonic() > until:
            break
    wakes = [item for item in waiting if isinstance(item, Wake)]
    docket.wakes.update((wake.kind.name, wake.key) for wake in wakes if _is_woken(wake))
    return Batch([item.record for item in waiting if not isinstance(item, Wake)], wakes, read_to)


def _without(records: Sequence[Record], left: Sequence[Record]) -> Sequence[Record]:
    """Those records that are not left: judged, refused, parked, or none of our business."""
    if not left:
        return records
    waiting = {(record.topic, record.partition, record.offset) for record in left}
    return [record for record in records if (record.topic, record.partition, record.offset) not in waiting]


def _names(item: Taught | Refused | Unjudgeable | None) -> tuple[str | None, str | None]:
    return (item.kind.name, item.key) if isinstance(item, Taught | Refused) else (None, None)


async def take_wakes(connection: Connection, batch: Batch) -> None:
    """Consumes wakes under their rows' locks and before `world` is asked, so that no wake crosses with a judgement."""
    woken = sorted((wake.kind.name, wake.key) for wake in batch.wakes if _is_woken(wake))
    if woken:
        await connection.execute(sql("take_wakes"), *columns(woken, 2))


def _judges(item: Keyed) -> bool:
    return not (isinstance(item, Wake) and item.settles)


def _is_woken(wake: Wake) -> bool:
    """Whether something else has asked for it, rather than the clock or an operator."""
    return wake.due is None and wake.parked_id is None and not wake.settles


async def note_read(connection: Connection, marks: Sequence[Bookmark]) -> None:
    """How far has been read is part of what is committed with what was judged.

    Raises:
        StoreWentBack: the store knows less than it has told this process before.
    """
    if marks:
        noted = await connection.execute(sql("note_read"), *columns(marks, 5))
        if noted != f"UPDATE {len(marks)}":
            raise StoreWentBack(
                f"the database has gone back: of {len(marks)} partitions it knows less than it did (a backup was "
                "restored, or a replica that lagged was promoted). Nothing is written; what it lacks is read again "
                "from where it stands"
            )


async def save(connection: Connection, docket: Docket, cases: Iterable[Case]) -> None:
    """Writes all that a batch has caused, a constant number of statements however large it is.

    Raises:
        StaleRow: a row was changed under its lock, which only a store that lost its memory can do.
        EpochOver: see `stating.state`.
    """
    changed = [case for case in cases if case.changed]
    if changed:
        saved = await connection.execute(sql("save_rows"), *columns((case.saved() for case in changed), 10))
        if saved != f"UPDATE {len(changed)}":
            raise StaleRow(f"{saved} instead of {len(changed)} rows")
        await save_tables(connection, changed)
    if docket.said:
        await state(connection, docket.now, docket.said, docket.epoch)
    if docket.parked:
        once: dict[bytes, tuple[Any, ...]] = {}
        for row in map(Parked.row, docket.parked):
            once.setdefault(row[0], row)
        await connection.execute(sql("park"), docket.now, *columns(once.values(), 11))
    if docket.unparked:  # after what was parked, which may have to wait behind the same case
        await connection.execute(sql("unpark"), docket.unparked)
        freed = columns(sorted(docket.freed), 2)
        await connection.execute(sql("unstick"), *freed)
        await connection.execute(sql("replay_waiting"), *freed)
    if docket.wakes:
        await connection.execute(sql("add_wakes"), *columns(docket.wake_rows(), 3))


class StaleRow(Exception):
    """A row's version had moved on although it was locked: the transaction is given up, and judged again."""
