"""What could not be judged, kept with its bytes: the row of `parked`."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from chassis.reading import Record, Unread


@dataclass(slots=True)
class Parked:
    """What could not be judged, why, and the case that waits behind it (if any)."""

    record: Record
    reason: str
    kind: str | None = None
    key: str | None = None

    def row(self) -> tuple[Any, ...]:
        record = self.record
        unread = Unread.of(record)
        offset = unread.first if unread else record.offset
        headers = json.dumps([(name, value.hex() if value is not None else None) for name, value in record.headers])
        return (
            digest_of(record), self.reason, self.kind, self.key,
            record.topic, record.partition, offset, record.came, record.key, headers, record.value,
        )  # fmt: skip


def digest_of(record: Record) -> bytes:
    """What makes two records the same bytes: topic, key, value, and of the headers those of the envelope.

    What nobody could unpack is the same if it lies at the same place.
    """
    if unread := Unread.of(record):
        return sha256(f"{record.topic} {record.partition} {unread.first} {unread.last}".encode()).digest()
    digest = sha256()
    envelope = ((n, v) for n, v in record.headers if n.lower().startswith("ce_") or n.lower() == "content-type")
    named = (part for name, value in envelope for part in (name.encode(), value))
    for part in (record.topic.encode(), record.key, record.value, *named):
        digest.update(b"%d:%b" % (-1 if part is None else len(part), part or b""))
    return digest.digest()
