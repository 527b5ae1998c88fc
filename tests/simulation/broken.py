"""Variants of the engine, the relay and a rule that break a promise on purpose, as one might write them at first.

The simulation has to see every one of them: what it does not see, it does not guard.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from chassis.consume.assignment import Assignment
from chassis.consume.consumption import Consumption
from chassis.consume.read_offsets import ReadOffset, ReadOffsets
from chassis.consume.starting_offsets import StoreWord
from chassis.consume.watermarks import Watermarks
from chassis.ids import partition_of
from chassis.publish.fresh import Fresh, Unsent
from chassis.publish.positions import Positions
from chassis.publish.relay import Relay
from chassis.store.inbox import Met, entries
from chassis.store.outcome import Outcome
from schemas.envelope import HEADERS
from schemas.topic import PARTITIONS
from tests.simulation import places, shards, statements, trusting
from tests.simulation.answers import Row, found
from tests.simulation.run import Broken
from tests.simulation.store import Transaction
from tests.simulation.waking import take_wakes
from tests.simulation.world import AT_WORK

_add_rows, _save_rows, _append_events = statements.add_rows, statements.save_rows, shards.append_events
_find_due, _note_read = statements.find_due, places.note_read
Keys = Sequence[str]


@dataclass(frozen=True)
class Variant:
    """`broken`: what is replaced; `aggregates`: the faults under which it shows."""

    broken: Broken
    aggregates: tuple[str, ...]


def _trusts_kafka() -> Broken:
    """Where to read on is what the group has committed, as in every tutorial."""
    make = Assignment.__init__

    def make_trusting(self: Assignment, *args: Any) -> None:
        make(self, *args[:4])

    return {(Assignment, "__init__"): make_trusting}


def _noted_outside_the_transaction() -> Broken:
    async def note_read(transaction: Transaction, *columns: Any) -> str:
        own = Transaction(transaction.connection)
        noted = await _note_read(own, *columns)
        own.commit()
        return noted

    return {(statements, "note_read"): note_read}


def _all_that_waits_is_noted() -> Broken:
    def after(self: ReadOffsets, _judged: Sequence[Any]) -> Sequence[ReadOffset]:
        waiting = {place: line for place, line in self._lines.items() if line.waiting}
        ends = {place: max(line.waiting) for place, line in waiting.items()}
        lines = self._lines
        return [ReadOffset(*at, lines[at].known, end + 1, lines[at].waiting[end]) for at, end in sorted(ends.items())]

    return {(ReadOffsets, "after"): after}


def _offsets_at_once() -> Broken:
    hand_on = Consumption._hand_on

    async def committed_first(self: Consumption, fetched: Sequence[Any]) -> None:
        await _try_to_commit(
            self.consumer, {TopicPartition(one.topic, one.partition): one.offset + 1 for one in fetched}
        )
        await hand_on(self, fetched)

    return {**_trusts_kafka(), (Consumption, "_hand_on"): committed_first}


def _all_positions() -> Broken:
    async def commit(self: Consumption, records: Sequence[Any], generation: int) -> None:
        consumer: Any = self.consumer
        await _try_to_commit(consumer, {partition: held.position for partition, held in consumer.held.items()})

    return {**_trusts_kafka(), (Consumption, "commit"): commit}


async def _try_to_commit(consumer: Any, offsets: dict[TopicPartition, int]) -> None:
    try:
        await consumer.commit(offsets)
    except KafkaError as error:
        consumer.world.note(f"not committed: {error!r}")


def _nothing_is_left_out() -> Broken:
    def meet(self: Outcome, message_id: str, content: bytes) -> Met:
        self.more_seen += entries(message_id, content)
        return "new"

    return {(Outcome, "meet"): meet}


def _seen_saved_by_itself() -> Broken:
    async def save_rows(transaction: Transaction, *columns: Sequence[Any]) -> str:
        *others, more_seen, documents = columns
        own = Transaction(transaction.connection)
        for kind, key, more in zip(*columns[:2], more_seen, strict=True):
            row = transaction.get("state", (kind, key)) or _blank(kind, key)
            own.put("state", (kind, key), row | {"seen": row["seen"] + more})
        own.commit()
        for kind, key in zip(*columns[:2], strict=True):
            transaction.put("state", (kind, key), transaction.store.tables["state"][kind, key])
        return await _save_rows(transaction, *others, [b""] * len(more_seen), documents)

    return {(statements, "save_rows"): save_rows}


def _no_row_lock() -> Broken:
    async def lock_rows(transaction: Transaction, aggregates: Keys, keys: Keys) -> Any:
        rows = (transaction.get("state", about) for about in sorted(zip(aggregates, keys, strict=True)))
        return _loaded(row for row in rows if row is not None)

    async def save_rows(transaction: Transaction, *columns: Sequence[Any]) -> str:
        aggregates, keys, _, *rest = columns
        known = [transaction.get("state", about) or {"version": 0} for about in zip(aggregates, keys, strict=True)]
        return await _save_rows(transaction, aggregates, keys, [row["version"] for row in known], *rest)

    return {(statements, "lock_rows"): lock_rows, (statements, "save_rows"): save_rows}


def _loaded(rows: Iterable[Row]) -> statements.Rows:
    return found("kind key partition version judged blocked unprompted reports_hour reports seen document", rows)


def _no_row_before_the_lock() -> Broken:
    """Two firsts find nothing to lock, and the one overwrites the other."""

    async def add_rows(transaction: Transaction, *_: Any) -> None:
        """They are made when they are saved."""

    async def lock_rows(transaction: Transaction, aggregates: Keys, keys: Keys) -> Any:
        abouts = sorted(zip(aggregates, keys, strict=True))
        for about in abouts:
            if transaction.get("state", about) is not None:
                await transaction.lock(("state", *about))
        return _loaded(transaction.get("state", about) or _blank(*about) for about in abouts)

    async def save_rows(transaction: Transaction, *columns: Sequence[Any]) -> str:
        for kind, key, loaded in zip(*columns[:3], strict=True):
            if not loaded:
                transaction.put("state", (kind, key), _blank(kind, key))
        return await _save_rows(transaction, *columns)

    return {
        (statements, "add_rows"): add_rows,
        (statements, "lock_rows"): lock_rows,
        (statements, "save_rows"): save_rows,
    }


def _blank(kind: str, key: str) -> dict[str, Any]:
    row = {"kind": kind, "key": key, "partition": partition_of(key, PARTITIONS), "blocked": False, "seen": b""}
    return row | {
        "version": 0,
        "due": None,
        "judged": None,
        "document": None,
        "unprompted": 0,
        "reports_hour": None,
        "reports": 0,
    }


def _emitted_outside_the_transaction() -> Broken:
    async def append_events(transaction: Transaction, *args: Any) -> Any:
        own = Transaction(transaction.connection)
        emitted = await _append_events(own, *args)
        own.commit()
        return emitted

    return {(statements, "append_events"): append_events}


def _acknowledged_before_sent() -> Broken:
    """The watermark is moved when events are read; what fails after that is not sent again."""
    note = Positions.note

    def note_all(self: Positions, tried: Sequence[Unsent], _on_the_bus: object) -> None:
        note(self, tried, {(event.shard, event.id) for event in tried})

    return {(Positions, "note"): note_all}


def _minds_no_gap() -> Broken:
    """Whatever is in memory is sent next: what is missing there, since its commit was not answered, is passed over."""
    take = Fresh.take

    def take_next(self: Fresh, shard: int, after: int, at_most: int) -> list[Unsent]:
        later = [number for number in self._lines[shard] if number > after]
        return take(self, shard, min(later, default=after + 1) - 1, at_most)

    return {(Fresh, "take"): take_next}


def _latest() -> Broken:
    read_up_to = StoreWord.read_up_to

    async def or_latest(self: StoreWord, assigned: Sequence[TopicPartition], beginnings: Any) -> Any:
        logs = AT_WORK.get().consumer.group.logs
        ends = {partition: len(logs[partition]) for partition in assigned}
        return {**ends, **await read_up_to(self, assigned, beginnings)}

    return {(StoreWord, "read_up_to"): or_latest}


def _goes_on_after_a_failure() -> Broken:
    async def send_line(self: Relay, producer: Any, topic: str, partition: int, line: Sequence[Unsent]) -> None:
        for row in line:
            batch = producer.create_batch()
            batch.append(key=row.key.encode(), value=row.message, timestamp=None, headers=list(HEADERS))
            try:
                await (await producer.send_batch(batch, topic, partition=partition))
            except KafkaError:
                continue
            self._sent.add((row.shard, row.id))

    return {(Relay, "_send_line"): send_line}


def _ticks_wait_for_nothing() -> Broken:
    def watermark(self: Watermarks) -> Any:
        consumer: Any = self._consumer
        return {partition.partition: self.timeline.now() for partition in consumer.held}

    return {(Watermarks, "watermark"): watermark}


def _wakes_taken_when_found() -> Broken:
    async def find_due(transaction: Transaction, *args: Any) -> Any:
        found = await _find_due(transaction, *args)
        woken = [(row["kind"], row["key"]) for row in found if row["due"] is None]
        await take_wakes(transaction, *zip(*woken, strict=True)) if woken else None
        return found

    return {(statements, "find_due"): find_due}


_READ_ON = ("crash", "commit_lost")
_READ_AGAIN = ("offsets_lost", "rebalance", "crash")
VARIANTS: Mapping[str, Variant] = {
    "Kafka's offsets are trusted": Variant(_trusts_kafka(), ("stranger", "crash", "rebalance")),
    "Kafka's offsets are trusted, and committed for what was fetched": Variant(
        _offsets_at_once(), ("crash", "commit_lost")
    ),
    "Kafka's offsets are trusted, and committed for all that was read ahead": Variant(
        _all_positions(), ("crash", "commit_lost")
    ),
    "how far was read is noted in another transaction": Variant(_noted_outside_the_transaction(), _READ_ON),
    "all that was handed on is noted as read": Variant(_all_that_waits_is_noted(), _READ_ON),
    "a store that has gone back begins no epoch": Variant(trusting.no_epoch(), ("restored", "crash")),
    "a group begins at the latest record": Variant(_latest(), ("crash", "rebalance")),
    "nothing is left out": Variant(_nothing_is_left_out(), _READ_AGAIN),
    "what was seen is saved in another transaction": Variant(_seen_saved_by_itself(), ("commit_lost", "crash")),
    "rows are not locked": Variant(_no_row_lock(), ("freeze", "rebalance", "offsets_lost")),
    "no row is made before the lock": Variant(_no_row_before_the_lock(), ("freeze", "fetch_lost", "crash")),
    "events are said outside of the transaction": Variant(_emitted_outside_the_transaction(), ("commit_lost", "crash")),
    "the relay acknowledges what it has not sent": Variant(_acknowledged_before_sent(), ("send_lost", "crash")),
    "the relay minds no gap in its memory": Variant(_minds_no_gap(), ("commit_answer_lost", "crash")),
    "the relay goes on after a failed batch": Variant(_goes_on_after_a_failure(), ("send_lost",)),
    "ticks do not wait for what came before them": Variant(_ticks_wait_for_nothing(), ("lag", "asleep", "freeze")),
    "wakes are taken when they are found": Variant(_wakes_taken_when_found(), ("crash", "commit_lost")),
    "two services answer each other for ever": Variant(trusting.answered_for_ever(), ("lag", "report_repeated")),
    "what a transaction aborted is read": Variant(trusting.reads_uncommitted(), ("aborted", "crash")),
    "an event is believed whoever states it": Variant(trusting.believes_any_source(), ("impostor", "crash")),
}
