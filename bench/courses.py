"""What is told of a case, in clinical order: written once for a pattern, then copied under any number of names.

Writing a message costs ten times what copying its bytes does, and a million of them are wanted. All case ids have one
length, and so has everything that is named after a case.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from hashlib import blake2b
from itertools import groupby
from typing import Any

from schemas.envelope import encode
from schemas.message import Message, Report
from schemas.topics import registry
from story.publication import Publication

SHANGHAI = timezone(timedelta(hours=8))
BEGIN = datetime(2020, 10, 1, tzinfo=SHANGHAI)
"""The midnight with which day 0 of every course begins."""
EVENING_HOUR = 23
"""When what happened on a day is told."""

PATTERN = "C-000000000000"
_PATTERN_ID = "00000000-0000-4000-8000"

Course = tuple[Publication, ...]


def at(day: int, hour: float = 0) -> datetime:
    """An instant in Shanghai on a day of the course."""
    return BEGIN + timedelta(days=day, hours=hour)


def case_id(number: int) -> str:
    """The name of a case: its place in an index says nothing about its number."""
    return f"C-{blake2b(str(number).encode(), digest_size=6).hexdigest()}"


def course(messages: Iterable[tuple[datetime, Message]]) -> Course:
    """The pattern of a course from (when it happened, message), told as its publisher or its service would."""
    return tuple(_tell(number, happened, message) for number, (happened, message) in enumerate(messages, start=1))


def renamed(publication: Publication, case: str) -> Publication:
    """The same about another case, under a message id of its own."""
    own_id = f"{case[2:10]}-{case[10:14]}-4000-8000"
    value = publication.value.replace(PATTERN.encode(), case.encode()).replace(_PATTERN_ID.encode(), own_id.encode())
    return publication._replace(key=case, value=value)


def evenings(pattern: Course) -> Iterator[tuple[datetime, list[Publication]]]:
    """What is told on each day's evening."""
    for day, given in groupby(pattern, key=lambda publication: publication.publish_at.astimezone(SHANGHAI).date()):
        yield datetime(day.year, day.month, day.day, EVENING_HOUR, tzinfo=SHANGHAI), list(given)


def _tell(number: int, happened: datetime, message: Message) -> Publication:
    topic = registry()[message.type_name()][1]
    attributes: dict[str, Any] = {"source": "/hospitals/CN-SH-SPHCC"}
    if not isinstance(message, Report):
        attributes = _of_an_event(topic.producer, number)
    identity = f"{_PATTERN_ID}-{number:012d}"
    value = encode(
        message, id=identity, subject=PATTERN, time=happened, recordedtime=happened + timedelta(minutes=1), **attributes
    )
    return Publication(happened, topic.name, PATTERN, value)


def _of_an_event(service: str, number: int) -> dict[str, Any]:
    cause = f"{_PATTERN_ID}-{number + 1_000_000:012d}"
    return {
        "source": f"/services/{service}",
        "sequence": number * 1_000,
        "causationid": cause,
        "correlationid": cause,
    }
