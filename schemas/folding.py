"""What stands: the events of topics folded by thing, the last word on each.

Whoever folds the events of a topic holds what the service has concluded, whatever the order they were read in.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from schemas.envelope import Envelope
from schemas.instants import parse_instant
from schemas.topic import Thing, thing_defaults
from schemas.topics import TOPICS

ThingKey = tuple[str | int | None, ...]
"""A kind of thing, the subject, and the values that name one: `("result", "case-1", "r-17")`."""


@cache
def things() -> dict[str, Thing]:
    """Type name of each event → what it is about."""
    return {event.type_name(): thing for topic in TOPICS for event, thing in topic.things.items()}


@cache
def _defaults() -> dict[str, Mapping[str, Any]]:
    """Type name of each event → what names its thing where the event does not say."""
    return {
        event.type_name(): thing_defaults(event, thing) for topic in TOPICS for event, thing in topic.things.items()
    }


def thing(event_type: str, subject: str, data: Mapping[str, Any]) -> ThingKey:
    """What an event has the last word on; `data` as read from JSON or as dumped in Python.

    Two spellings of one instant name one thing. Raises KeyError when the type is no event of the language.
    """
    about, default = things()[event_type], _defaults()[event_type]
    return (about.kind, subject, *(_named(data.get(field, default.get(field)), field) for field in about.fields))


def fold(envelopes: Iterable[Envelope]) -> dict[tuple[str, ThingKey], Envelope]:
    """The last word of each source on each thing: the one with the higher `sequence`, withdrawn or not."""
    last: dict[tuple[str, ThingKey], Envelope] = {}
    for envelope in envelopes:
        key = (envelope.source, thing(envelope.type, envelope.subject, envelope.data))
        if key not in last or _rank(envelope) > _rank(last[key]):
            last[key] = envelope
    return last


def standing(envelopes: Iterable[Envelope]) -> dict[tuple[str, ThingKey], Envelope]:
    """What is true now: the last word on each thing, without what has been withdrawn."""
    return {key: envelope for key, envelope in fold(envelopes).items() if envelope.data.get("withdrawn") is not True}


def _rank(envelope: Envelope) -> int:
    return -1 if envelope.sequence is None else envelope.sequence


def _named(value: Any, field: str) -> str | int | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return _one_spelling(value) if field.endswith("_at") or field == "from" else value


def _one_spelling(instant: str | datetime | None) -> str | None:
    if instant is None:
        return None
    moment = parse_instant(instant) if isinstance(instant, str) else instant
    return moment.astimezone(UTC).isoformat()
