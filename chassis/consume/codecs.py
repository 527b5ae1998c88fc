"""Kafka's codecs with an end: what a batch becomes when it is unpacked has a limit.

A megabyte of zeros, compressed, is a few hundred bytes; four megabytes of such would become more than any machine has,
and a process that is ended for its memory reads the same batch again. aiokafka unpacks whatever comes. Here it is
stopped at a limit, which is one more thing that cannot be unpacked (`chassis.consume.unpacking`).
"""

import gzip
import io
import struct
import sys
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import cramjam
from aiokafka.record import default_records, legacy_records

from chassis.consume.library_internals import is_framed_snappy

MOST_BYTES = 64 * 1024 * 1024
"""What a batch may become: sixteen times what a topic accepts."""
_FIRST_BYTES = 256 * 1024
_XERIAL_HEADER_BYTES = 16

Unpack = Callable[[Any], bytes]


class TooMuch(Exception):
    """A batch would become more than anybody needs."""


def bound_codecs() -> None:
    """From now on aiokafka unpacks no batch beyond the limit, in this process. Can be said again."""
    for module in _using_modules():
        for name, unpack in _BOUND.items():
            if hasattr(module, name):
                setattr(module, name, unpack)


def _using_modules() -> list[ModuleType]:
    """Where aiokafka's two record formats look the codecs up: in compiled modules where there are such."""
    classes = (default_records.DefaultRecordBatch, legacy_records.LegacyRecordBatch)
    return [sys.modules[one.__module__] for one in classes]


def _gzip(payload: Any) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(payload)) as stream:
        return _within(stream.read(MOST_BYTES + 1))


def _within(unpacked: bytes) -> bytes:
    if len(unpacked) > MOST_BYTES:
        raise TooMuch
    return unpacked


def _growing(unpack_into: Callable[[Any, bytearray], int], payload: Any) -> bytes:
    """Room for what is usual, and more while that does not do. Nothing says before how much it will be."""
    room = max(_FIRST_BYTES, 16 * len(payload))
    while True:
        space = bytearray(min(room, MOST_BYTES + 1))
        try:
            return _within(bytes(memoryview(space)[: unpack_into(payload, space)]))
        except cramjam.DecompressionError:
            if room > MOST_BYTES:
                raise
            room *= 8


def _snappy(payload: Any) -> bytes:
    if not is_framed_snappy(payload):
        return _snappy_block(memoryview(payload), MOST_BYTES)
    blocks, unpacked, left = memoryview(payload)[_XERIAL_HEADER_BYTES:], bytearray(), MOST_BYTES
    while blocks:
        end = 4 + struct.unpack_from("!i", blocks)[0]
        unpacked += _snappy_block(blocks[4:end], left - len(unpacked))
        blocks = blocks[end:] if end > 4 else blocks[:0]
    return bytes(unpacked)


def _snappy_block(block: memoryview, most: int) -> bytes:
    if cramjam.snappy.decompress_raw_len(block) > most:
        raise TooMuch
    return bytes(cramjam.snappy.decompress_raw(block))


_BOUND: dict[str, Unpack] = {
    "gzip_decode": _gzip,
    "snappy_decode": _snappy,
    "lz4_decode": partial(_growing, cramjam.lz4.decompress_into),
    "zstd_decode": partial(_growing, cramjam.zstd.decompress_into),
}
