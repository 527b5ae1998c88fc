"""From a record on the bus to something that can be judged, refused, or parked. Never raises, whatever the bytes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, cast

import msgspec

from chassis.consume.bounds import Bounds
from chassis.consume.identifying import TextCheck, identifies
from chassis.consume.publishers import EVERYONE, REPORT_TOPICS, Publishers
from chassis.consume.quick import QuickReader
from chassis.consume.refusals import IDENTIFYING_SOURCE, NO_SOURCE_GIVEN, TOO_LARGE, UNKNOWN_TYPE, WRONG_TOPIC
from chassis.decide.aggregate import AnyAggregate, AnyRoute
from chassis.decide.judge import Receipt, Rejection
from chassis.store.inbox import NO_CONTENT, content_as_sent, content_of
from schemas.attributes import NO_SOURCE
from schemas.envelope import (
    MAX_ENVELOPE_BYTES,
    Envelope,
    Invalid,
    Unreadable,
    is_structured,
    read,
    validate,
)
from schemas.message import Message, Report
from schemas.reference import EARLIEST_DAY
from schemas.topic import Topic
from schemas.topics import registry


class Record(msgspec.Struct, frozen=True, gc=False):
    """A record as the bus had it. `received_at`: by the stack's clock; `stamp`: by the bus's own, in ms."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    received_at: datetime
    parked_id: int | None = None
    stamp: int = 0


class Unread(NamedTuple):
    """Offsets of a partition that nobody could unpack (`chassis.consume.unpacking`), and the error that said so.

    A record stands for them that has neither key nor value, and says so in a header.
    """

    first: int
    last: int
    error: str

    @property
    def header(self) -> tuple[str, bytes]:
        """The one header of the record that stands for them."""
        return UNREAD_HEADER, f"{self.first} {self.last} {self.error}".encode()

    @classmethod
    def of(cls, record: Any) -> "Unread | None":
        """What a record, ours or the client's, stands for; None for nearly all, which stand for themselves."""
        if record.value is not None or record.key is not None or len(record.headers) != 1:
            return None
        ((name, value),) = record.headers
        found = _UNREAD.fullmatch(value or b"") if name == UNREAD_HEADER else None
        return cls(int(found[1]), int(found[2]), found[3].decode()) if found else None


UNREAD_HEADER = "afterward-unread"
_UNREAD = re.compile(rb"([0-9]{1,19}) ([0-9]{1,19}) ([A-Za-z]{1,60})")


class Accepted(msgspec.Struct, frozen=True, gc=False):
    """A valid message and who learns from it. `content`: what a report says, in 8 bytes (`chassis.store.inbox`)."""

    record: Record
    aggregate: AnyAggregate
    key: str
    envelope: Envelope
    route: AnyRoute
    message: Message
    receipt: Receipt
    content: bytes

    @property
    def is_report(self) -> bool:
        return bool(self.content)  # pydantic's own way of asking for a class takes longer than all the rest of a look


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """A readable report that is refused on itself alone. `parked`: why it is kept with its bytes as well, if it is."""

    record: Record
    aggregate: AnyAggregate
    key: str
    envelope: Envelope
    rejection: Rejection
    content: bytes
    parked: str | None = None

    @property
    def is_report(self) -> bool:
        return True


class Unprocessable(msgspec.Struct, frozen=True, gc=False):
    """What nobody can be answered about: it is parked with its bytes."""

    record: Record
    reason: str


class Wake(msgspec.Struct, frozen=True, gc=False):
    """A row that is due by the clock, or that something else has asked to be judged again (`due` is None).

    `settles`: not judged again, but what readers have heard of it in a lost time is settled (`chassis.store.settling`).
    """

    aggregate: AnyAggregate
    key: str
    partition: int
    due: datetime | None = None
    parked_id: int | None = None
    settles: bool = False


Keyed = Accepted | Rejected | Wake


class _Known(NamedTuple):
    """What is known of a type of message before any of it comes. `routed`: absent where this service does not care."""

    model: type[Message]
    topic: str
    routed: tuple[AnyAggregate, AnyRoute] | None
    is_report: bool
    source: str | None = None
    """Who alone says it, if it is an event."""
    key_field: str = ""
    happened: tuple[str, ...] = ()
    text_check: TextCheck | None = None


def _known(model: type[Message], topic: Topic, routed: tuple[AnyAggregate, AnyRoute] | None) -> _Known:
    if issubclass(model, Report):
        text_check = TextCheck(model) if routed else None
        return _Known(model, topic.name, routed, True, None, model.key_field, model.happened(), text_check)
    return _Known(model, topic.name, routed, False, topic.source)


class Reader:
    """Reads the records of one service."""

    def __init__(
        self,
        aggregates: Iterable[AnyAggregate],
        tolerance: timedelta,
        earliest_day: date = EARLIEST_DAY,
        publishers: Publishers = EVERYONE,
    ) -> None:
        """`tolerance`: how far a report may lie in the future."""
        self.aggregates: Mapping[str, AnyAggregate] = {aggregate.name: aggregate for aggregate in aggregates}
        routes = {
            name: (aggregate, route)
            for aggregate in self.aggregates.values()
            for name, route in aggregate.by_type.items()
        }
        self._known = {name: _known(model, topic, routes.get(name)) for name, (model, topic) in registry().items()}
        learnt = [known.model for known in self._known.values() if known.routed]
        self._quick = QuickReader(learnt, (known.model for known in self._known.values() if not known.routed))
        self._first = next(iter(self.aggregates.values()))
        self._bounds = Bounds(earliest_day, tolerance)
        self._publishers = publishers

    def read(self, record: Record) -> Accepted | Rejected | Unprocessable | None:
        """What is to be done with a record; None for a message that is none of this service's business."""
        value = record.value
        if value and len(value) <= MAX_ENVELOPE_BYTES and is_structured(record.headers):
            understood = self._quick.read(value)
            if understood is not None:
                envelope, message = understood
                known = self._known[envelope.type]
                if known.topic == record.topic:
                    return self._accepted(record, envelope, known, message)
        return self._look_closer(record)

    def _look_closer(self, record: Record) -> Accepted | Rejected | Unprocessable | None:
        try:
            envelope = read(record.value, record.headers)
        except Unreadable as unreadable:
            unread = Unread.of(record)
            return Unprocessable(record, f"{UNREADABLE}:{unread.error}" if unread else unreadable.reason)
        known = self._known.get(envelope.type)
        if known is None:
            return self._of_unknown_type(record, envelope)
        found = self._of_record(record, envelope, known)
        if found is not None or known.routed is None:
            return found
        if envelope.source == NO_SOURCE:
            return self._answer_or_park(record, envelope, known, NO_SOURCE_GIVEN, "no_usable_source")
        try:
            message: Message | None = validate(known.model, envelope.data)
        except Invalid as invalid:
            if known.is_report:
                rejection = Rejection(invalid.code, invalid.reason, invalid.at or None)
                return self._reject(record, envelope, rejection, known.routed[0])
            return Unprocessable(record, "invalid_event")
        return self._accepted(record, envelope, known, message)

    def _of_record(self, record: Record, envelope: Envelope, known: _Known) -> Rejected | Unprocessable | None:
        """What is wrong with where a record lies and what it weighs, whoever it is for."""
        if known.topic != record.topic:
            if record.topic not in REPORT_TOPICS:  # an events topic has many readers, no answer
                return Unprocessable(record, "wrong_topic")
            return self._answer_or_park(record, envelope, known, WRONG_TOPIC, "wrong_topic")
        if record.value is not None and len(record.value) > MAX_ENVELOPE_BYTES:
            return self._answer_or_park(record, envelope, known, TOO_LARGE, "too_large")
        return None

    def _of_unknown_type(self, record: Record, envelope: Envelope) -> Rejected | Unprocessable:
        """Parked, as a later version may know it; answered where the type, which is repeated, can be one of ours."""
        if record.topic not in REPORT_TOPICS or envelope.source == NO_SOURCE or not _TYPE.fullmatch(envelope.type):
            return Unprocessable(record, "unknown_type")
        found = self._reject(record, envelope, UNKNOWN_TYPE)
        return found if isinstance(found, Unprocessable) else msgspec.structs.replace(found, parked="unknown_type")

    def _answer_or_park(
        self, record: Record, envelope: Envelope, known: _Known, rejection: Rejection, reason: str
    ) -> Rejected | Unprocessable:
        return self._reject(record, envelope, rejection) if known.is_report else Unprocessable(record, reason)

    def _accepted(
        self, record: Record, envelope: Envelope, known: _Known, message: Message | None
    ) -> Accepted | Rejected | Unprocessable | None:
        if known.routed is None or message is None:
            return None
        aggregate, route = known.routed
        content = NO_CONTENT
        if known.is_report:
            report = cast("Report", message)
            content = content_of(envelope, report)
            rejection = self._validated(report, known, envelope, record)
            if rejection:
                return self._reject(record, envelope, rejection, aggregate, content)
        elif envelope.source != known.source:
            return Unprocessable(record, WRONG_SOURCE)
        learnt = receipt(envelope, record, known.is_report)
        return Accepted(record, aggregate, envelope.subject, envelope, route, message, learnt, content)

    def _validated(self, report: Report, known: _Known, envelope: Envelope, record: Record) -> Rejection | None:
        if identifies(envelope.source):
            return IDENTIFYING_SOURCE
        if known.text_check is not None and (refusal := known.text_check.refusal(report, record.received_at.date())):
            return refusal
        if refusal := self._publishers.refusal(report, envelope.source, record.topic, record.headers):
            return refusal
        if getattr(report, known.key_field) != envelope.subject:
            return Rejection("wrong_subject", "the envelope's subject must equal this field", known.key_field)
        return self._bounds.broken_by(report, known.happened, envelope, record.received_at)

    def _reject(
        self,
        record: Record,
        envelope: Envelope,
        rejection: Rejection,
        aggregate: AnyAggregate | None = None,
        content: bytes | None = None,
    ) -> Rejected | Unprocessable:
        """An answer goes under the report's subject and repeats its source: neither may name a person."""
        if identifies(envelope.subject):
            return Unprocessable(record, "identifying_subject")
        sent = content_as_sent(envelope) if content is None else content
        if identifies(envelope.source):
            envelope, rejection = envelope._replace(source=NO_SOURCE), IDENTIFYING_SOURCE
        return Rejected(record, aggregate or self._first, envelope.subject, envelope, rejection, sent)


UNREADABLE = "unreadable"
"""Why a place on the bus is parked that could not be unpacked; after a colon the error that said so."""
WRONG_SOURCE = "wrong_source"
"""Why an event is parked that somebody else states than the producer of its topic."""
_TYPE = re.compile(r"afterward\.[A-Za-z]{1,64}\.v[0-9]{1,2}")


_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def receipt(envelope: Envelope, record: Record, is_report: bool) -> Receipt:
    """What is known of a message beyond its data; an event ranks by its sequence, a report by when it was recorded."""
    if envelope.sequence is not None and not is_report:
        rank = f"{envelope.sequence:016x}"
    else:
        microseconds = (envelope.recordedtime - _LONG_AGO) // _MICROSECOND
        rank = f"{microseconds:016x}{envelope.id.replace('-', '')}"
    return Receipt(envelope.id, envelope.type, envelope.source, record.received_at, envelope.recordedtime, rank)
