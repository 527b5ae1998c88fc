"""How an event is stated: under which number of its case, in an envelope that every bus takes, in the present epoch."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from chassis.publish.encoding import Attributes, written
from chassis.publish.fresh import Unsent
from chassis.publish.sequence import EVENTS_PER_STEP, sequence_of
from chassis.store.connection import Connection, EpochOver, columns, sql
from schemas.envelope import MAX_ENVELOPE_BYTES
from schemas.limits import fitted
from schemas.message import Event


class OutboxEvent(NamedTuple):
    """An event as it will stand in the archive."""

    topic: str
    key: str
    partition: int
    id: str
    message: bytes


class EventTooLarge(Exception):
    """An event no bus would take: later it would block its partition for ever, so its case is parked instead."""


def numbered(version: int, index: int, epoch: int = 0) -> tuple[int, int]:
    """The version of the row and the `sequence` of a step's event at a place, the step having begun with `version`."""
    version += index // EVENTS_PER_STEP
    return version, sequence_of(epoch, version, index % EVENTS_PER_STEP)


def encoded(event: Event, attributes: Attributes) -> bytes:
    """The event in its envelope, made lighter where it weighs more than an event may.

    Raises:
        EventTooLarge: leaving out was not enough, which no event within its limits brings about.
    """
    message = written(event, attributes)
    if len(message) <= event.most_bytes:
        return message
    around = len(message) - len(event.model_dump_json(exclude_none=True).encode())
    try:
        lighter = written(fitted(event, event.most_bytes - around), attributes)
    except ValidationError:
        raise EventTooLarge(f"{event.type_name()} beyond its limits") from None
    if len(lighter) > MAX_ENVELOPE_BYTES:
        raise EventTooLarge(f"{event.type_name()} of {len(lighter)} bytes")
    return lighter


async def state(connection: Connection, now: datetime, emitted: Sequence[OutboxEvent], epoch: int) -> list[Unsent]:
    """Writes events, in the order given, in the transaction that makes them true; as they are numbered in the archive.

    Their shards are locked from then on until the transaction ends, so this is the last thing that it does.

    Raises:
        EpochOver: the store has begun another epoch since this process did.
    """
    shards, counts, places = placed(emitted)
    topics, keys, _, ids, messages = columns(emitted, 5)
    given = (*columns(places, 2), topics, keys, ids, messages)
    rows = await connection.fetch(sql("append_events"), now, shards, counts, epoch, *given)
    if len(rows) != len(shards):
        raise EpochOver(f"epoch {epoch} is over: the database has gone back, and another process has found it")
    last = [row["last"] for row in rows]
    return [
        Unsent(event.partition, last[line - 1] + place, event.topic, event.key, event.message)
        for event, (line, place) in zip(emitted, places, strict=True)
    ]


def placed(emitted: Sequence[OutboxEvent]) -> tuple[list[int], list[int], list[tuple[int, int]]]:
    """The shards of these events in order, how many each has, and of each event: which of those it is, the first being
    1 as in arrays of the database, and the how manieth of its shard.
    """
    shards = sorted({event.partition for event in emitted})
    lines = {shard: line for line, shard in enumerate(shards, 1)}
    counts = [0] * len(shards)
    places: list[tuple[int, int]] = []
    for event in emitted:
        line = lines[event.partition]
        counts[line - 1] += 1
        places.append((line, counts[line - 1]))
    return shards, counts, places
