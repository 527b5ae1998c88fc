"""The only place that makes ids. Ids of events derive from their cause, so that doing the work again gives the same."""

from functools import lru_cache
from hashlib import blake2b, sha1
from uuid import UUID

from aiokafka.partitioner import murmur2

NAMESPACE = UUID("6f1f1f0a-5d0e-5f62-9d2b-0c2a9a3b7f10")
SEEN_BYTES = 8
_NAMESPACE_BYTES = NAMESPACE.bytes
_VARIANT = {f"{digit:x}": f"{digit & 0b0011 | 0b1000:x}" for digit in range(16)}


def event_id(cause: str, subject: str, type_name: str, index: int, epoch: int = 0) -> str:
    """UUIDv5 of an event: `cause` is the id of the message that caused it, or the case and its row version.

    In another epoch it is another event: readers must not leave it out as one that they have had.
    """
    name = f"{cause}\n{subject}\n{type_name}\n{index}".encode()
    if epoch:
        name += b"\n%d" % epoch
    digits = sha1(_NAMESPACE_BYTES + name, usedforsecurity=False).hexdigest()
    # RFC 9562: the 13th digit is the version, the first two bits of the 17th are the variant.
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{_VARIANT[digits[16]]}{digits[17:20]}-{digits[20:32]}"


@lru_cache(4_096)
def trace_id(of: str) -> str:
    """The 32 hexadecimal digits of a trace that begins here: the same thing has the same trace in every service."""
    return blake2b(of.encode(), digest_size=16, person=b"trace").hexdigest()


def span_id(service: str, cause: str, epoch: int = 0) -> str:
    """The 16 hexadecimal digits of what a service makes of a cause (see `event_id`): made again, it is the same."""
    return blake2b(f"{service}\n{cause}\n{epoch}".encode(), digest_size=8, person=b"span").hexdigest()


@lru_cache(2)
def seen_hash(message_id: str) -> bytes:
    """The 8 bytes by which a case remembers that it has judged a message."""
    return blake2b(message_id.lower().encode(), digest_size=SEEN_BYTES).digest()


@lru_cache(4_096)
def partition_of(key: str, partitions: int) -> int:
    """Kafka's default partitioner (murmur2), so that a case has one partition number everywhere."""
    hashed: int = murmur2(key.encode())
    return (hashed & 0x7FFFFFFF) % partitions
