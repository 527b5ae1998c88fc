"""From a record on the bus to something that can be judged, refused, or parked. Never raises, whatever the bytes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chassis.judge import Receipt, Rejection
from chassis.routes import Kind, Route
from schemas.envelope import MAX_ENVELOPE_BYTES, Envelope, Invalid, Unreadable, read, validate
from schemas.message import Message, Report
from schemas.topics import TOPICS, registry


@dataclass(frozen=True, slots=True)
class Record:
    """A record as the bus had it. `came`: when it came to the bus, by the stack's clock."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    came: datetime
    parked_id: int | None = None


@dataclass(frozen=True, slots=True)
class Taught:
    """A valid message and who learns from it."""

    record: Record
    kind: Kind
    key: str
    envelope: Envelope
    route: Route
    message: Message
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Refused:
    """A readable report that is refused on itself alone."""

    record: Record
    kind: Kind
    key: str
    envelope: Envelope
    rejection: Rejection


@dataclass(frozen=True, slots=True)
class Unjudgeable:
    """What nobody can be answered about: it is parked with its bytes."""

    record: Record
    reason: str


@dataclass(frozen=True, slots=True)
class Wake:
    """A row that is due by the clock, or that something else has asked to be judged again (`due` is None)."""

    kind: Kind
    key: str
    partition: int
    due: datetime | None = None
    parked_id: int | None = None


Keyed = Taught | Refused | Wake


class Reader:
    """Reads the records of one service."""

    def __init__(self, kinds: Iterable[Kind], future_tolerance: timedelta) -> None:
        self.kinds: Mapping[str, Kind] = {kind.name: kind for kind in kinds}
        self._routes = {name: (kind, route) for kind in self.kinds.values() for name, route in kind.by_type.items()}
        self._first = next(iter(self.kinds.values()))
        self._tolerance = future_tolerance

    def read(self, record: Record) -> Taught | Refused | Unjudgeable | None:
        """What is to be done with a record; None for a message that is none of this service's business."""
        try:
            envelope = read(record.value, record.headers)
        except Unreadable as unreadable:
            return Unjudgeable(record, unreadable.reason)
        known = registry().get(envelope.type)
        if known is None:
            return Unjudgeable(record, "unknown_type")
        model, topic = known
        is_report = issubclass(model, Report)
        if topic.name != record.topic:
            answered = is_report and record.topic in REPORT_TOPICS  # an events topic has several readers, and no answer
            return self._refuse(record, envelope, WRONG_TOPIC) if answered else Unjudgeable(record, "wrong_topic")
        if record.value is not None and len(record.value) > MAX_ENVELOPE_BYTES:
            return self._refuse(record, envelope, TOO_LARGE) if is_report else Unjudgeable(record, "too_large")
        return self._validate(record, envelope, model, is_report)

    def _validate(
        self, record: Record, envelope: Envelope, model: type[Message], is_report: bool
    ) -> Taught | Refused | Unjudgeable | None:
        routed = self._routes.get(envelope.type)
        if routed is None:
            return None
        kind, route = routed
        try:
            message = validate(model, envelope.data)
        except Invalid as invalid:
            if is_report:
                return self._refuse(record, envelope, Rejection(invalid.code, invalid.reason, invalid.at), kind)
            return Unjudgeable(record, "invalid_event")
        rejection = self._at_the_door(message, envelope, record) if isinstance(message, Report) else None
        if rejection:
            return self._refuse(record, envelope, rejection, kind)
        return Taught(record, kind, envelope.subject, envelope, route, message, receipt(envelope, record, is_report))

    def _at_the_door(self, report: Report, envelope: Envelope, record: Record) -> Rejection | None:
        if report.key != envelope.subject:
            return Rejection("wrong_subject", "the envelope's subject must equal this field", report.key_field)
        happened = report.clinical_at
        if happened is not None and happened > record.came + self._tolerance:
            minutes = int(self._tolerance.total_seconds() // 60)
            return Rejection(
                "impossible_time", f"lies more than {minutes} minutes after it came; correct it", report.clinical_time
            )
        return None

    def _refuse(self, record: Record, envelope: Envelope, rejection: Rejection, kind: Kind | None = None) -> Refused:
        return Refused(record, kind or self._first, envelope.subject, envelope, rejection)


REPORT_TOPICS = frozenset(topic.name for topic in TOPICS if topic.direction == "in")
WRONG_TOPIC = Rejection("wrong_topic", "this type of report belongs to another topic; see the table of topics")
TOO_LARGE = Rejection("too_large", f"an envelope holds at most {MAX_ENVELOPE_BYTES} bytes; send less in one report")


_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def receipt(envelope: Envelope, record: Record, is_report: bool) -> Receipt:
    """What is known of a message beyond its data; an event ranks by its sequence, a report by when it was recorded."""
    if envelope.sequence is not None and not is_report:
        rank = f"{envelope.sequence:016x}"
    else:
        rank = f"{(envelope.recordedtime - _LONG_AGO) // timedelta(microseconds=1):016x}{envelope.id.replace('-', '')}"
    return Receipt(envelope.id, envelope.type, envelope.source, record.came, envelope.recordedtime, rank)
