"""How reports travel: most within minutes, some late and so out of order, some sent twice."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from schemas.message import CaseReport
from schemas.reports.discharge import DischargeCancelled, PatientDischarged
from schemas.reports.intake import LocalCaseReported, TravellerArrived
from schemas.reports.treatment import TestResultReported
from story.known import CHILD
from story.publication import Publication, Statement, at, dice, publication_of

PUNCTUAL_FROM: Final = at(date(2020, 10, 10), 0)
"""From here on no report that a figure rests on is late: a bulletin is right on the first morning."""
_FIGURES: Final[tuple[type[CaseReport], ...]] = (
    TravellerArrived,
    LocalCaseReported,
    TestResultReported,
    PatientDischarged,
    DischargeCancelled,
)
_LATE_BY_HOURS_SHARE: Final = 0.014
_LATE_BY_DAYS_SHARE: Final = 0.004
_TWICE_SHARE: Final = 0.01


def delivered(statements: list[Statement], *names: str | int) -> Iterator[Publication]:
    """Each statement as it is published, once or twice. `names` name the stream of chance."""
    chance = dice("delivery", *names)
    for statement in statements:
        publication = publication_of(statement, statement.known_at + _delay(chance, statement))
        yield publication
        if chance.random() < _TWICE_SHARE:
            yield publication._replace(publish_at=_again(chance, publication.publish_at))


def _delay(chance: Random, statement: Statement) -> timedelta:
    minutes = min(1 + chance.expovariate(1 / 6), 30)
    luck = chance.random()
    if luck >= _LATE_BY_HOURS_SHARE + _LATE_BY_DAYS_SHARE or _must_be_punctual(statement):
        return _seconds(minutes * 60)
    if luck < _LATE_BY_DAYS_SHARE and not isinstance(statement.report, PatientDischarged):
        return _seconds(chance.uniform(1, 4) * 86_400)
    return _seconds(chance.uniform(2, 8) * 3_600)


def _must_be_punctual(statement: Statement) -> bool:
    """The child's reports always; of the others those that figures rest on, once the published days are near."""
    if statement.report.key == CHILD:
        return True
    return statement.known_at >= PUNCTUAL_FROM and isinstance(statement.report, _FIGURES)


def _again(chance: Random, publish_at: datetime) -> datetime:
    """The very same bytes once more: a minute later, or a day."""
    return publish_at + _seconds(60 * 2 ** chance.uniform(0, 11))


def _seconds(seconds: float) -> timedelta:
    return timedelta(seconds=round(seconds))
