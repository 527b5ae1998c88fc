"""A report on its way to the bus, checked as the services check it, so that a publisher hears of an error at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from chassis.clock import real_now
from chassis.consume.bounds import FUTURE_TOLERANCE, Bounds
from chassis.consume.identifying import IDENTIFYING, IDENTIFYING_REASON, TextCheck, identifies
from chassis.consume.refusals import IDENTIFYING_SOURCE, NO_SOURCE_GIVEN
from schemas.attributes import NO_SOURCE
from schemas.envelope import MAX_ENVELOPE_BYTES, Envelope, Invalid, Unreadable, read, validate
from schemas.message import Report as ReportMessage
from schemas.reference import EARLIEST_DAY
from schemas.topics import registry


@dataclass(frozen=True, slots=True)
class Report:
    """Bytes that are ready for their topic."""

    topic: str
    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a line cannot be published. `at`: the field; None where the envelope itself cannot be read."""

    code: str
    reason: str
    at: str | None = None


_UNREADABLE: Mapping[str, tuple[str | None, str]] = {
    "empty": (None, "this is empty"),
    "not_json": (None, "this is not JSON"),
    "not_an_object": (None, "an envelope is a JSON object"),
    "not_cloudevents": (None, "a CloudEvent needs specversion, id, source, type, subject and time, each as plain text"),
    "unknown_specversion": ("specversion", "only CloudEvents 1.0 is understood"),
    "no_usable_id": ("id", "this must be a UUID"),
    "no_usable_subject": (
        "subject",
        "this must be the key of the topic, such as the case_id: letters A to Z, digits and . _ : / - without blanks, "
        "a letter or digit first, e.g. sh-2020-1078",
    ),
    "no_usable_time": ("time", "this must be an instant with its offset, such as 2020-10-17T08:00:00+08:00"),
}
"""Reason of `Unreadable` → the attribute, where it is one, and what is wrong with it. The bus would park such a line:
there is nobody to answer."""


@cache
def _text_check(message: type[ReportMessage]) -> TextCheck:
    return TextCheck(message)


def check(line: bytes, received_at: datetime | None = None) -> Report | Refusal:
    """The report in one line of JSON, or what is wrong with it. Says nothing of what the line holds.

    `received_at`: when it would come, where its instants are to be checked too: the bus may run by another clock.
    """
    try:
        envelope = read(line)
        message, topic = registry().get(envelope.type, (None, None))
        if message is None or topic is None or not issubclass(message, ReportMessage):
            return Refusal("unknown_type", "no report of this type and major version is known", "type")
        if (emitted := _of_envelope(envelope, line)) is not None:
            return emitted
        report = validate(message, envelope.data)
    except Unreadable as unreadable:
        at, reason = _UNREADABLE[unreadable.reason]
        return Refusal(unreadable.reason, reason, at)
    except Invalid as invalid:
        return Refusal(invalid.code, invalid.reason, _path(invalid.at))
    refusal = _checked(report, envelope) or _out_of_bounds(report, envelope, received_at)
    return Report(topic.name, envelope.subject.encode(), line) if refusal is None else refusal


def _checked(report: ReportMessage, envelope: Envelope) -> Refusal | None:
    """What is wrong with a report that says all that it has to."""
    if (found := _text_check(type(report)).refusal(report, real_now().date())) is not None:
        return Refusal(found.code, found.reason, f"data.{found.at}")
    if report.key != envelope.subject:
        return Refusal("wrong_subject", "the envelope's subject must equal this field", f"data.{report.key_field}")
    if not report.may_come_from(envelope.source):
        return Refusal("not_allowed", "this report is not for this source to make", "source")
    return None


def _out_of_bounds(report: ReportMessage, envelope: Envelope, received_at: datetime | None) -> Refusal | None:
    """Whether something of it lies before the epidemic, or ahead of when it comes."""
    if received_at is None:
        return None
    bounds = Bounds(EARLIEST_DAY, FUTURE_TOLERANCE)
    found = bounds.broken_by(report, report.happened(), envelope, received_at)
    if found is None:
        return None
    return Refusal(found.code, found.reason, f"data.{found.at}" if found.at in report.happened() else found.at)


def _path(at: str) -> str:
    """Where in an envelope a field of its data is."""
    if at == "data_base64":
        return at
    return f"data.{at}" if at else "data"


def _of_envelope(envelope: Envelope, line: bytes) -> Refusal | None:
    """What is wrong with its weight, or with a source or a subject that every event and answer would repeat."""
    if len(line) > MAX_ENVELOPE_BYTES:
        return Refusal("too_large", f"an envelope holds at most {MAX_ENVELOPE_BYTES} bytes")
    if identifies(envelope.subject):
        return Refusal(IDENTIFYING, f"subject {IDENTIFYING_REASON}", "subject")
    if envelope.source == NO_SOURCE or identifies(envelope.source):
        found = NO_SOURCE_GIVEN if envelope.source == NO_SOURCE else IDENTIFYING_SOURCE
        return Refusal(found.code, found.reason, found.at)
    return None
