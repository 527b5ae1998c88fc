"""CloudEvents 1.0 on Kafka: record ⇄ envelope, in structured and in binary mode.

`read` takes whatever a record holds and either understands it or raises Unreadable, never anything else: a record that
makes a service stop stops everybody behind it. Only the envelope is judged here; `validate` judges the data.
"""

import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pydantic_core import PydanticCustomError, from_json, to_json

from schemas.attributes import NO_SOURCE, is_source, trace_of, uuid_of
from schemas.instants import parse_instant
from schemas.message import CaseEvent, CaseReport, Event, Message, Report
from schemas.validation import Invalid, NoData, validate

__all__ = [
    "HEADERS",
    "MAX_ENVELOPE_BYTES",
    "CaseEvent",
    "CaseReport",
    "Envelope",
    "Event",
    "Invalid",
    "Message",
    "Report",
    "Unreadable",
    "encode",
    "read",
    "validate",
]

MAX_ENVELOPE_BYTES: Final = 256 * 1024
"""What an envelope may weigh. Larger ones are still read, so that they can be answered by name."""

HEADERS: Final[tuple[tuple[str, bytes], ...]] = (("content-type", b"application/cloudevents+json; charset=UTF-8"),)
"""The headers of a record in structured mode."""

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""Some programs begin a UTF-8 text with it; it says nothing."""
Headers = Sequence[tuple[str, bytes | None]]

_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}", re.ASCII)
_SEQUENCE = re.compile(r"[0-9]{1,18}", re.ASCII)
_LONGEST_ATTRIBUTE = 500
_REQUIRED = frozenset({"specversion", "id", "source", "type", "subject", "time"})


class Unreadable(Exception):
    """Not an envelope that anybody could answer: the record is parked with its bytes.

    `reason` is one of `empty`, `not_json`, `not_an_object`, `not_cloudevents`, `unknown_specversion`, `bad_header`,
    `no_usable_id`, `no_usable_subject`, `no_usable_time`; it says nothing about anybody.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Envelope(NamedTuple):
    """A CloudEvent as read: attributes checked, `data` JSON that nobody has looked at yet (not always an object).

    What would travel on into our events can say nothing but what it is for: `causationid` and `correlationid` are a
    UUID or None, `traceparent` has the form of W3C's version 00 or is None, `source` is a path or `NO_SOURCE`.

    Where `data_base64` cannot be read, or comes beside `data`, the data are a `NoData`, which `validate` refuses.
    """

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    recordedtime: datetime
    data: Any
    sequence: int | None = None
    causationid: str | None = None
    correlationid: str | None = None
    traceparent: str | None = None
    datacontenttype: str = "application/json"
    dataschema: str | None = None
    hops: int = 0
    """How many events lie between a report, or the clock, and this one; 0: it follows from it directly, or is it."""


def read(value: bytes | None, headers: Headers = ()) -> Envelope:
    """The envelope in a record of either mode. Raises Unreadable, and nothing else, whatever the bytes."""
    if is_structured(headers):
        return _structured(_parsed(value))
    content_type = _content_type(headers)
    if content_type.startswith("application/cloudevents"):
        return _structured(_parsed(value))
    if any(name.lower().startswith("ce_") for name, _ in headers):
        attributes = _binary_attributes(headers, content_type)
        return _envelope(attributes, _parsed(value))
    return _structured(_parsed(value))


def encode(  # noqa: PLR0913 — a CloudEvent has that many attributes
    message: Message,
    *,
    id: str,  # noqa: A002 — as CloudEvents calls it
    source: str,
    subject: str,
    time: datetime,
    recordedtime: datetime,
    sequence: int | None = None,
    causationid: str | None = None,
    correlationid: str | None = None,
    traceparent: str | None = None,
    hops: int | None = None,
) -> bytes:
    """The record's value in structured mode; it goes with HEADERS and with `subject` as the record's key."""
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": message.type_name(),
        "subject": subject,
        "partitionkey": subject,
        "time": time,
        "recordedtime": recordedtime,
    }
    if sequence is not None:
        envelope["sequence"] = str(sequence)
    if causationid is not None:
        envelope["causationid"] = causationid
    if correlationid is not None:
        envelope["correlationid"] = correlationid
    if traceparent is not None:
        envelope["traceparent"] = traceparent
    if hops is not None:
        envelope["hops"] = str(hops)
    envelope["datacontenttype"] = "application/json"
    envelope["dataschema"] = message.schema_urn()
    envelope["data"] = message
    return to_json(envelope, exclude_none=True)


def _parsed(value: bytes | None) -> Any:
    text = (value or b"").removeprefix(BYTE_ORDER_MARK)
    if not text:
        raise Unreadable("empty")
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError:  # also deep nesting, numbers out of range, lone surrogates and bytes that are not UTF-8
        raise Unreadable("not_json") from None


def is_structured(headers: Headers) -> bool:
    """Whether a record is in structured mode for certain, as nearly all are; False: a closer look may still find so."""
    return not headers or (len(headers) == 1 and (headers[0] == HEADERS[0] or _says_structured(headers[0])))


@lru_cache(maxsize=64)
def _says_structured(header: tuple[str, bytes | None]) -> bool:
    return _content_type((header,)).startswith("application/cloudevents")


def _content_type(headers: Headers) -> str:
    for name, value in headers:
        if name.lower() in {"content-type", "contenttype"} and value is not None:
            return value.decode("utf-8", "replace").strip().lower()
    return ""


def _binary_attributes(headers: Headers, content_type: str) -> dict[str, str]:
    """The attributes in `ce_` headers; the last of a name counts. A spoilt one we cannot do without is `bad_header`."""
    attributes = {"datacontenttype": content_type or "application/json"}
    for name, value in headers:
        attribute = name.lower().removeprefix("ce_")
        if attribute == name.lower():
            continue
        try:
            attributes[attribute] = (value or b"").decode()
        except UnicodeDecodeError:
            attributes[attribute] = ""
        if not attributes[attribute] and attribute in _REQUIRED:
            raise Unreadable("bad_header")
    return attributes


def _structured(parsed: Any) -> Envelope:
    if not isinstance(parsed, dict):
        raise Unreadable("not_an_object")
    return _envelope(parsed, _data(parsed))


def _data(parsed: Mapping[str, Any]) -> Any:
    """The data of an envelope in structured mode: JSON as it stands, or JSON in base 64."""
    encoded = parsed.get("data_base64")
    if encoded is None:
        return parsed.get("data")
    if parsed.get("data") is not None:
        return NoData("data_base64", "must not come beside data: send one of the two")
    try:
        return _parsed(binascii.a2b_base64(encoded.encode("ascii"), strict_mode=True))
    except (AttributeError, ValueError):  # no text, not ASCII, not base 64
        return NoData("data_base64", "must be text in base 64 (RFC 4648, section 4)")
    except Unreadable:
        return NoData("data_base64", "must hold JSON")


def _envelope(attributes: Mapping[str, Any], data: Any) -> Envelope:
    get = attributes.get
    _check_version(get("specversion"))
    time = _time(get("time"))
    recorded, sequence, hops = get("recordedtime"), get("sequence"), get("hops")
    return Envelope(
        _id(get("id")),
        _source(get("source")),
        _required(get("type")),
        _subject(get("subject")),
        time,
        time if recorded is None else _instant(recorded) or time,
        data,
        None if sequence is None else _sequence(sequence),
        uuid_of(get("causationid")),
        uuid_of(get("correlationid")),
        trace_of(get("traceparent")),
        _plain(get("datacontenttype")) or "application/json",
        _plain(get("dataschema")),
        0 if hops is None else _sequence(hops) or 0,
    )


def _check_version(specversion: object) -> None:
    if specversion != "1.0":
        raise Unreadable("not_cloudevents" if specversion is None else "unknown_specversion")


def _plain(given: object) -> str | None:
    if given is None:
        return None
    return given if isinstance(given, str) and 0 < len(given) <= _LONGEST_ATTRIBUTE and given.isprintable() else None


def _required(given: object) -> str:
    text = _plain(given)
    if text is None:
        raise Unreadable("not_cloudevents")
    return text


def _source(given: object) -> str:
    """A path; whatever else is said in its place is left behind here, and whoever said it answered all the same."""
    source = _required(given)
    return source if is_source(source) else NO_SOURCE


def _id(given: object) -> str:
    identity = uuid_of(given)
    if identity is None:
        raise Unreadable("no_usable_id")
    return identity


def _subject(given: object) -> str:
    if isinstance(given, str) and _SUBJECT.fullmatch(given):
        return given
    raise Unreadable("no_usable_subject")


def _time(given: object) -> datetime:
    time = _instant(given)
    if time is None:
        raise Unreadable("not_cloudevents" if given is None else "no_usable_time")
    return time


def _instant(given: object) -> datetime | None:
    try:
        return parse_instant(given) if isinstance(given, str) else None
    except PydanticCustomError:
        return None


def _sequence(given: object) -> int | None:
    return int(given) if isinstance(given, str) and _SEQUENCE.fullmatch(given) else None
