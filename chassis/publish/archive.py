"""How an event is stated: under which number of its case, in an envelope that every bus takes, in the present epoch."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from chassis.publish.encoding import Attributes, written
from chassis.publish.sequence import EVENTS_PER_STEP, sequence_of
from chassis.store.connection import Connection, EpochOver, columns, sql
from schemas.envelope import MAX_ENVELOPE_BYTES
from schemas.limits import fitted
from schemas.message import Event


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


async def state(connection: Connection, now: datetime, emitted: Sequence[Sequence[Any]], epoch: int) -> None:
    """Writes events, in the order given, in the transaction that makes them true.

    Raises:
        EpochOver: the store has begun another epoch since this process did.
    """
    written = await connection.execute(sql("append_outbox"), now, *columns(emitted, 5), epoch)
    if written != f"INSERT 0 {len(emitted)}":
        raise EpochOver(f"epoch {epoch} is over: the database has gone back, and another process has found it")
