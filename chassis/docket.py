"""What is judged in one batch and what comes of it, before anything is written."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from types import GenericAlias
from typing import Any, NamedTuple

import msgspec

from chassis.ids import SEEN_BYTES, event_id, partition_of, seen_hash
from chassis.judge import Judged, Said, State, judge_message, judge_tick, overdue
from chassis.progress import NEVER
from chassis.reading import Keyed, Record, Refused, Taught, Wake
from chassis.routes import Kind
from schemas.envelope import MAX_ENVELOPE_BYTES, encode
from schemas.events.rejections import ReportRejected
from schemas.message import Message
from schemas.topics import registry

EVENTS_PER_STEP = 1_000
"""`sequence` is the row's version times this, plus the event's place in its step."""

TableRow = tuple[Any, ...] | None
STUCK = "case_is_parked"
ILLEGIBLE = "document_not_understood"
TICK_TOPIC = "tick:"
"""A tick that raised is parked under this topic: there are no bytes to put back, only a row to wake."""


class EventTooLarge(Exception):
    """An event no bus would take: later it would block its partition for ever, so its case is parked instead."""


class Statement(NamedTuple):
    """An event as it will stand in the archive."""

    topic: str
    key: str
    partition: int
    id: str
    message: bytes


@dataclass(slots=True)
class Parked:
    """What could not be judged, why, and the case that waits behind it (if any)."""

    record: Record
    reason: str
    kind: str | None = None
    key: str | None = None

    def row(self) -> tuple[Any, ...]:
        record = self.record
        headers = json.dumps([(name, value.hex() if value is not None else None) for name, value in record.headers])
        return (
            digest_of(record), self.reason, self.kind, self.key,
            record.topic, record.partition, record.offset, record.came, record.key, headers, record.value,
        )  # fmt: skip


def digest_of(record: Record) -> bytes:
    """What makes two records the same bytes: topic, key, value, and of the headers those of the envelope."""
    digest = sha256()
    envelope = ((n, v) for n, v in record.headers if n.lower().startswith("ce_") or n.lower() == "content-type")
    named = (part for name, value in envelope for part in (name.encode(), value))
    for part in (record.topic.encode(), record.key, record.value, *named):
        digest.update(b"%d:%b" % (-1 if part is None else len(part), part or b""))
    return digest.digest()


@cache
def _decoder(kind: Kind) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(GenericAlias(tuple, (kind.facts, kind.conclusions)))


@dataclass(slots=True)
class Case:
    """A locked row: what one service knows of one thing, while a batch is judged."""

    kind: Kind
    key: str
    partition: int
    loaded_version: int
    loaded: State
    state: State
    version: int
    stuck: bool
    seen: bytes
    legible: bool = True
    """Whether this version of the service understands the stored document; if not, the case is not judged."""
    loaded_bytes: int = 0
    more_seen: bytearray = field(default_factory=bytearray)
    touched: bool = False
    rows: tuple[TableRow, TableRow] | None = None
    """Its row in the kind's small table, before and after, once its state has changed."""

    @classmethod
    def load(cls, kind: Kind, row: Iterable[Any]) -> "Case":
        """From a row as `lock_rows` gives it, without its kind; one that was just made begins with nothing known."""
        key, partition, version, judged, stuck, seen, document = row
        state, legible = kind.begin(), True
        if document is not None:
            try:
                facts, conclusions = _decoder(kind).decode(document)
                state = State(facts, conclusions, judged)
            except msgspec.DecodeError:
                legible = False
        return cls(
            kind, key, partition, version, state, state, version, stuck, seen, legible, len(document or b"") + len(seen)
        )

    @property
    def changed(self) -> bool:
        return self.touched or bool(self.more_seen)

    def has_seen(self, message_id: str) -> bool:
        """Whether a message of this id has been judged before; if not, it has from now on."""
        wanted = seen_hash(message_id)
        for known in (self.seen, self.more_seen):
            at = known.find(wanted)
            while at >= 0:
                if at % SEEN_BYTES == 0:
                    return True
                at = known.find(wanted, at + 1)
        self.more_seen += wanted
        return False

    def draw_row(self) -> None:
        """Draws `rows` while the case is judged: what a service's rule raises here still parks this case alone."""
        if self.kind.table is not None:
            before = self.rows[0] if self.rows else self.kind.table.row(self.loaded)
            self.rows = before, self.kind.table.row(self.state)

    def saved(self) -> tuple[Any, ...]:
        """The row as `save_rows` takes it."""
        state = self.state
        document = None
        if state is not self.loaded:
            document = msgspec.json.encode((state.facts, state.conclusions)).decode()
        return (
            self.kind.name, self.key, self.loaded_version, self.version, state.conclusions.due, state.judged,
            self.stuck, bytes(self.more_seen), document,
        )  # fmt: skip


class Docket:
    """The cases of one batch, judged one item after the other, and all that comes of it."""

    def __init__(self, service: str, now: datetime, partitions: int) -> None:
        self.service = service
        self._source = f"/services/{service}"
        self._stated_as: dict[type[Message], tuple[str, str]] = {}
        self.now = now
        self.partitions = partitions
        self.said: list[Statement] = []
        self.parked: list[Parked] = []
        self.wakes: set[tuple[str, str]] = set()
        self.unparked: list[int] = []
        self.freed: set[tuple[str, str]] = set()
        self.errors: list[tuple[str, Exception]] = []
        self.rejected = self.repeated = 0

    def judge(self, case: Case, item: Keyed, read_to: datetime | None, world: Any) -> None:
        """Judges one item; a rule that raises parks the case, and the other cases of the batch go on."""
        parked_id = item.parked_id if isinstance(item, Wake) else item.record.parked_id
        if case.stuck and parked_id is None:
            return self.stick(case, item, STUCK)
        if not case.legible:
            return self.stick(case, item, ILLEGIBLE)
        before, seen_before, said_before = (case.state, case.version), len(case.more_seen), len(self.said)
        try:
            self._judge(case, item, read_to, world)
            if case.state is not before[0]:
                case.draw_row()
        except Exception as error:  # a rule may raise anything
            (case.state, case.version), case.more_seen[seen_before:] = before, b""
            del self.said[said_before:]
            self.errors.append((case.kind.name, error))
            self.stick(case, item, f"rule_raised:{type(error).__name__}")
        else:
            if parked_id is not None:
                self.unparked.append(parked_id)
                self.freed.add((case.kind.name, case.key))
        return None

    def stick(self, case: Case, item: Keyed, reason: str) -> None:
        """Parks an item behind which the case waits from now on; its `due` rests."""
        case.stuck = case.touched = True
        record = item.record if not isinstance(item, Wake) else _tick_record(item)
        self.parked.append(Parked(record, reason, case.kind.name, case.key))

    def wake_rows(self) -> Iterator[tuple[str, str, int]]:
        """The rows to be woken, as `add_wakes` takes them."""
        for kind, key in sorted(self.wakes):
            yield kind, key, partition_of(key, self.partitions)

    def _judge(self, case: Case, item: Keyed, read_to: datetime | None, world: Any) -> None:
        if isinstance(item, Wake):
            return self._wake(case, item, read_to or item.due or self.now, world)
        if case.has_seen(item.envelope.id):
            self.repeated += 1
            return None
        if isinstance(item, Refused):
            self._refuse(case, item, item.rejection)
            return None
        receipt = item.receipt
        behind = min(read_to or NEVER, receipt.came)
        for judged in overdue(case.kind, case.state, behind, world):
            self._step(case, judged, None)
        judged = judge_message(case.kind, case.state, item.route.learn, item.message, receipt, behind, world)
        if judged.rejection:
            self._refuse(case, item, judged.rejection)
        elif judged.state is not case.state:
            self._step(case, judged, item)
        return None

    def _wake(self, case: Case, wake: Wake, read_to: datetime, world: Any) -> None:
        for judged in overdue(case.kind, case.state, read_to, world):
            self._step(case, judged, None)
        if wake.due is None:
            self._step(case, judge_tick(case.kind, case.state, read_to, world), None)

    def _step(self, case: Case, judged: Judged, item: Taught | None) -> None:
        before, case.state = case.state, judged.state
        case.version += 1
        case.touched = True
        if case.kind.wakes is not None:
            self.wakes.update(case.kind.wakes(before, case.state))
        self._say(case, judged.said, item)

    def _refuse(self, case: Case, item: Taught | Refused, rejection: Any) -> None:
        envelope = item.envelope
        case.version += 1
        case.touched = True
        self.rejected += 1
        event = ReportRejected(
            report_id=envelope.id,
            report_type=envelope.type,
            source=envelope.source,
            code=rejection.code,
            reason=rejection.reason,
            at=rejection.at,
        )
        self._say(case, (Said(event, item.record.came),), item)

    def _say(self, case: Case, said: tuple[Said, ...], item: Taught | Refused | None) -> None:
        if len(said) >= EVENTS_PER_STEP:
            raise EventTooLarge(f"{len(said)} events in one step")
        cause = item.envelope.id if item else f"{self.service}:{case.kind.name}/{case.key}@{case.version}"
        for index, (event, time) in enumerate(said):
            type_name, topic = self._stated(type(event))
            identity = event_id(cause, case.key, type_name, index)
            message = encode(
                event,
                id=identity,
                source=self._source,
                subject=case.key,
                time=time,
                sequence=case.version * EVENTS_PER_STEP + index,
                recordedtime=self.now,
                causationid=item.envelope.id if item else None,
                correlationid=(item.envelope.correlationid or item.envelope.id) if item else None,
                traceparent=item.envelope.traceparent if item else None,
            )
            if len(message) > MAX_ENVELOPE_BYTES:
                raise EventTooLarge(f"{type_name} of {len(message)} bytes")
            self.said.append(Statement(topic, case.key, case.partition, identity, message))

    def _stated(self, model: type[Message]) -> tuple[str, str]:
        """The type of an event, and the topic on which this service states it."""
        if model not in self._stated_as:
            name = model.type_name()
            rejected = issubclass(model, ReportRejected)
            topic = f"{self.service}.rejections.v1" if rejected else registry()[name][1].name
            self._stated_as[model] = name, topic
        return self._stated_as[model]


def _tick_record(wake: Wake) -> Record:
    came = wake.due or NEVER
    return Record(f"{TICK_TOPIC}{wake.kind.name}", wake.partition, 0, wake.key.encode(), None, (), came)
