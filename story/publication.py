"""What is published, by whom and when: a statement as its publisher writes it, a publication as it goes to the bus."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from schemas.envelope import encode
from schemas.message import Report
from schemas.topics import report_topic

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_NAMES: Final = uuid5(NAMESPACE_URL, "urn:afterward:story")


class Publication(NamedTuple):
    """One record for the bus: `value` is a CloudEvent in structured mode, to be published at `publish_at`."""

    publish_at: datetime
    topic: str
    key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Statement:
    """A report before it is sent. `name` makes its id; `known_at` is the first instant at which it could be written."""

    name: str
    report: Report
    source: str
    known_at: datetime


def named(*names: str | int) -> UUID:
    """The id of the thing with these names: the same names, the same id, on every machine."""
    return uuid5(_NAMES, "/".join(map(str, names)))


def case_id(name: str) -> str:
    """The case's id: a pseudonym that says nothing about origin or outcome, and is the same for every seed."""
    return f"SH-2020-{named('case', name).hex[:8]}"


def dice(*names: str | int) -> Random:
    """A stream of chance of its own for each set of names, so that one case's reports do not move another's."""
    return Random("/".join(map(str, names)))  # noqa: S311 - a story, no secret


def at(day: date, hour: float) -> datetime:
    """The instant of a civil day in Shanghai; `hour` may have a fraction, or lie beyond 24. Whole seconds."""
    return datetime.combine(day, time(), SHANGHAI) + timedelta(seconds=round(hour * 3600))


def publication_of(statement: Statement, publish_at: datetime) -> Publication:
    """The record of a statement that is written down and published at `publish_at`."""
    report = statement.report
    value = encode(
        report,
        id=str(named("report", statement.name)),
        source=statement.source,
        subject=report.key,
        time=report.clinical_at or statement.known_at,
        recordedtime=publish_at,
    )
    return Publication(publish_at, report_topic(report.type_name()).name, report.key, value)
