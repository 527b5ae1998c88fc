"""What a case remembers of the messages it has met: their ids, and of reports what they said.

A message of an id that was met before is a repetition, and left out. A *report* under such an id that says something
else is another report, whose publisher has to hear of it. Events need no such memory: their ids follow from what caused
them.

The memory is a row of 8-byte entries. An event's is a hash of its id. A report's are two: the hash of its id with every
bit turned, and after it a hash of what it said. Rows of before there was the second kind have hashes of ids alone; of
those it is not known what was said, and whatever comes under such an id counts as a repetition.
"""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import blake2b
from typing import Any, Literal, get_origin

from pydantic_core import to_json

from chassis.ids import SEEN_BYTES, seen_hash
from schemas.envelope import Envelope
from schemas.message import Report

Met = Literal["new", "repeated", "reused"]

NO_CONTENT = b""
"""Of a message whose id says all: an event."""
_TURNED = bytes(255 - byte for byte in range(256))


def entries(message_id: str, content: bytes) -> bytes:
    """What is added to a case's memory once a message has been met."""
    wanted = seen_hash(message_id)
    return wanted.translate(_TURNED) + content if content else wanted


def met(memory: Iterable[bytes | bytearray], message_id: str, content: bytes) -> Met:
    """Whether a message of this id was met before, and if so, whether it said the same."""
    wanted = seen_hash(message_id)
    turned, found = wanted.translate(_TURNED), False
    for part in memory:
        if wanted not in part and turned not in part:
            continue  # as nearly always
        if next(_places(part, wanted), None) is not None:
            return "repeated"
        for at in _places(part, turned):
            if not content or part[at + SEEN_BYTES : at + 2 * SEEN_BYTES] == content:
                return "repeated"
            found = True
    return "reused" if found else "new"


def _places(memory: bytes | bytearray, wanted: bytes) -> Iterator[int]:
    at = memory.find(wanted)
    while at >= 0:
        if at % SEEN_BYTES == 0:
            yield at
        at = memory.find(wanted, at + 1)


def content_of(envelope: Envelope, report: Report) -> bytes:
    """The 8 bytes by which a case remembers what a report said: its type, its source, and its data as understood.

    However it is written again, it is the same: other order and white space, another mode, an instant in another
    offset, `null` for what is absent, fields that nobody knows. Nor does it matter when it was written down or on whose
    behalf it travels (`recordedtime`, `time`, `traceparent` …): a publisher who tries again may write those anew.
    """
    fields = report.__dict__
    for name in _without_order(type(report)):
        if fields[name]:
            fields = fields | {name: sorted(fields[name].items())}
    if report.restated:
        fields = {name: value for name, value in fields.items() if name not in report.restated}
    return _digest(envelope, to_json(fields, temporal_mode="milliseconds", exclude_none=True))


def content_as_sent(envelope: Envelope) -> bytes:
    """The same of a report whose data nobody understands: the data as they were sent."""
    try:
        return _digest(envelope, json.dumps(envelope.data, sort_keys=True).encode())
    except (ValueError, RecursionError):  # a number of thousands of digits, lists in lists: all such count as one
        return _digest(envelope, b"")


@cache
def _without_order(model: type[Report]) -> tuple[str, ...]:
    """The fields of a message whose entries come in no order of their own."""
    aggregates: dict[str, Any] = {name: field.annotation for name, field in model.model_fields.items()}
    return tuple(name for name, aggregate in aggregates.items() if _is_free(aggregate))


def _is_free(annotation: Any) -> bool:
    return get_origin(annotation) is dict or any(_is_free(part) for part in getattr(annotation, "__args__", ()))


def _digest(envelope: Envelope, data: bytes) -> bytes:
    named = f"{envelope.id}\n{envelope.type}\n{envelope.source}\n".encode()
    return blake2b(named + data, digest_size=SEEN_BYTES).digest()
