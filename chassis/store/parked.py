"""What could not be judged, kept with its bytes: the row of `parked`."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from chassis.consume.reader import Record, Unread
from chassis.store.connection import Connection, sql
from schemas.envelope import Headers

KEPT_BYTES: Final = 64 * 1024
"""So much is kept of everything that nobody can judge; the whole of a number of them by topic."""


@dataclass(slots=True)
class Parked:
    """What could not be judged, why, and the case that waits behind it (if any)."""

    record: Record
    reason: str
    aggregate: str | None = None
    key: str | None = None
    cut: bool = False

    @property
    def is_heavy(self) -> bool:
        """Whether nobody can judge it, and it is larger than what is kept of as many as there may be."""
        return self.aggregate is None and len(self.record.value or b"") > KEPT_BYTES

    def row(self) -> tuple[Any, ...]:
        record = self.record
        unread = Unread.of(record)
        offset = unread.first if unread else record.offset
        headers = json.dumps([(name, None if value is None else value.hex()) for name, value in _kept(record.headers)])
        key, value = record.key, record.value
        if self.aggregate is None:
            key, value = key and key[:KEPT_BYTES], value[:KEPT_BYTES] if value and self.cut else value
        return (
            digest_of(record), self.reason, self.aggregate, self.key,
            record.topic, record.partition, offset, record.received_at, key, headers, value, self.cut,
        )  # fmt: skip


def _kept(headers: Headers) -> Iterator[tuple[str, bytes | None]]:
    """The headers up to a weight that no envelope's reach."""
    weight = 0
    for name, value in headers:
        weight += len(name) + len(value or b"")
        if weight > KEPT_BYTES:
            return
        yield name, value


async def cut_heavy(connection: Connection, parked: Sequence[Parked], whole: int) -> None:
    """Beyond a number from one topic that are whole, only the beginning of what is heavy is to be kept."""
    heavy = [each for each in parked if each.is_heavy]
    if not heavy:
        return
    topics = sorted({each.record.topic for each in heavy})
    kept = {row["topic"]: row["whole"] for row in await connection.fetch(sql("heavy_parked"), topics)}
    for each in heavy:
        kept[each.record.topic] = kept.get(each.record.topic, 0) + 1
        each.cut = kept[each.record.topic] > whole


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
