"""How an event is stated: under which number of its case, and in an envelope that every bus takes."""

from typing import Any

from pydantic import ValidationError

from schemas.envelope import MAX_ENVELOPE_BYTES, encode
from schemas.limits import fitted
from schemas.message import Event

EVENTS_PER_STEP = 1_000
"""`sequence` is the row's version times this, plus the event's place among those of the version."""


class EventTooLarge(Exception):
    """An event no bus would take: later it would block its partition for ever, so its case is parked instead."""


def numbered(version: int, index: int) -> tuple[int, int]:
    """The version of the row and the `sequence` of a step's event at a place, the step having begun with `version`."""
    version += index // EVENTS_PER_STEP
    return version, version * EVENTS_PER_STEP + index % EVENTS_PER_STEP


def encoded(event: Event, attributes: dict[str, Any]) -> bytes:
    """The event in its envelope, made lighter where it weighs more than an event may.

    Raises:
        EventTooLarge: leaving out was not enough, which no event within its limits brings about.
    """
    message = encode(event, **attributes)
    if len(message) <= event.most_bytes:
        return message
    around = len(message) - len(event.model_dump_json(exclude_none=True).encode())
    try:
        lighter = encode(fitted(event, event.most_bytes - around), **attributes)
    except ValidationError:
        raise EventTooLarge(f"{event.type_name()} beyond its limits") from None
    if len(lighter) > MAX_ENVELOPE_BYTES:
        raise EventTooLarge(f"{event.type_name()} of {len(lighter)} bytes")
    return lighter
