"""Batches of records as no client can unpack them, and a way by which a consumer gets them from a real bus."""

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

Spoil = Callable[[bytes], bytes]
"""A batch → what comes of it."""
ATTRIBUTES, DELTA, COUNT, RECORDS = 21, 23, 57, 61
"""Where in a batch its attributes, its last offset's distance, its number of records, and its records begin."""
GZIP, ZSTD, CONTROL, TRANSACTIONAL = 1, 4, 0x20, 0x10


def batch(
    *values: bytes,
    key: bytes = b"k",
    codec: int = 0,
    timestamp: int = 1_602_892_800_000,
    offset: int = 0,
    **options: Any,
) -> bytes:
    """A sound batch of records with these values."""
    given: dict[str, Any] = {"is_transactional": 0, "producer_id": -1, "producer_epoch": -1, "base_sequence": -1}
    builder = DefaultRecordBatchBuilder(magic=2, compression_type=codec, batch_size=1 << 28, **given | options)
    for number, value in enumerate(values):
        assert builder.append(number, timestamp=timestamp, key=key, value=value, headers=[("a", b"b")]) is not None
    return at(offset, bytes(builder.build()))


def legacy(*values: bytes, magic: Any = 1, codec: int = 0, offset: int = 0) -> bytes:
    """A message set of the formats before 0.11."""
    builder = LegacyRecordBatchBuilder(magic=magic, compression_type=codec, batch_size=1 << 20)
    for number, value in enumerate(values):
        builder.append(offset + number, timestamp=1_602_892_800_000, key=b"k", value=value)
    return bytes(builder.build())


def at(offset: int, sound: bytes) -> bytes:
    """The batch, as it lies at this offset."""
    return struct.pack(">q", offset) + sound[8:]


def sealed(spoilt: bytes) -> bytes:
    """With the checksum of what it holds now."""
    return spoilt[:17] + struct.pack(">I", calc_crc32c(spoilt[ATTRIBUTES:])) + spoilt[ATTRIBUTES:]


def marked(sound: bytes, attributes: int) -> bytes:
    """With other attributes, and their checksum."""
    return sealed(sound[:ATTRIBUTES] + struct.pack(">h", attributes) + sound[DELTA:])


def counting(sound: bytes, records: int) -> bytes:
    """Claims to have so many records."""
    return sealed(sound[:COUNT] + struct.pack(">i", records) + sound[RECORDS:])


def with_records(sound: bytes, records: bytes) -> bytes:
    """With these bytes for its records."""
    spoilt = sound[:8] + struct.pack(">i", RECORDS - 12 + len(records)) + sound[12:RECORDS] + records
    return sealed(spoilt)


def flipped(sound: bytes) -> bytes:
    """One bit of its last byte is another."""
    return sound[:-1] + bytes([sound[-1] ^ 1])


SPOILT: dict[str, Spoil] = {
    "an unknown codec 5": lambda sound: marked(sound, 5),
    "an unknown codec 6": lambda sound: marked(sound, 6),
    "an unknown codec 7": lambda sound: marked(sound, 7),
    "gzip that is none": lambda sound: marked(sound, GZIP),
    "snappy that is none": lambda sound: marked(sound, 2),
    "lz4 that is none": lambda sound: marked(sound, 3),
    "zstd that is none": lambda sound: marked(sound, ZSTD),
    "a checksum that is wrong": flipped,
    "fewer records than there are": lambda sound: counting(sound, 0),
    "less than no records": lambda sound: counting(sound, -1),
    "records that are cut": lambda sound: with_records(sound, sound[RECORDS:-5]),
    "records that are nothing": lambda sound: with_records(sound, b""),
    "records of zeros": lambda sound: with_records(sound, bytes(40)),
    "a mark that is none": lambda sound: marked(sound, CONTROL),
    "a mark of a transaction that nobody began": lambda sound: marked(sound, CONTROL | TRANSACTIONAL),
}


def spoil(consumer: Any, wanted: Callable[[bytes], bool], how: Spoil) -> list[int]:
    """From now on the batches for which `wanted` holds come to a consumer spoilt. Returns the offsets, as they come."""
    send, offsets = consumer._client.send, list[int]()

    async def sending(node: Any, request: Any, **options: Any) -> Any:
        response = await send(node, request, **options)
        if isinstance(request, FetchRequest):
            response.topics = [(topic, [_spoilt(each) for each in parts]) for topic, parts in response.topics]
        return response

    def _spoilt(part: Sequence[Any]) -> tuple[Any, ...]:
        *reported, batches = part
        made = b""
        for each in split(batches or b""):
            if wanted(each):
                offsets.append(int.from_bytes(each[:8], "big"))
            made += how(each) if wanted(each) else each
        return (*reported, made)

    consumer._client.send = sending
    return offsets


def split(batches: bytes) -> Iterator[bytes]:
    """The batches that lie one behind the other."""
    while batches:
        end = 12 + int.from_bytes(batches[8:12], "big")
        yield batches[:end]
        batches = batches[end:]
