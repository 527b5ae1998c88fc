"""A report on its way to the bus, checked as the services check it, so that a publisher hears of an error at once."""

from dataclasses import dataclass

from schemas.envelope import MAX_ENVELOPE_BYTES, Invalid, Unreadable, read, validate
from schemas.message import Report as ReportMessage
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


def check(line: bytes) -> Report | Refusal:
    """The report in one line of JSON, or what is wrong with it. Says nothing of what the line holds."""
    try:
        envelope = read(line)
        message, topic = registry().get(envelope.type, (None, None))
        if message is None or topic is None or not issubclass(message, ReportMessage):
            return Refusal("unknown_type", "no report of this type and major version is known", "type")
        if len(line) > MAX_ENVELOPE_BYTES:
            return Refusal("too_large", f"an envelope holds at most {MAX_ENVELOPE_BYTES} bytes")
        report = validate(message, envelope.data)
    except Unreadable as unreadable:
        return Refusal(unreadable.reason, "this is not a CloudEvents envelope in JSON that anybody could answer")
    except Invalid as invalid:
        return Refusal(invalid.code, invalid.reason, f"data.{invalid.at}" if invalid.at else "data")
    if report.key != envelope.subject:
        return Refusal("wrong_subject", "the envelope's subject must equal this field", f"data.{report.key_field}")
    return Report(topic.name, envelope.subject.encode(), line)
