"""What is stated of a day: published once, then restated with both figures (B3); withdrawn where no case is left."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from chassis.decide.announcing import Announcer, Statement, Things
from schemas.events.bulletin import BulletinPublished, BulletinRestated
from services.bulletin.domain.day.conclude import Conclusions, DayState
from services.bulletin.domain.day.facts import Facts
from services.bulletin.domain.day.figures import Figures
from services.bulletin.policy import is_surveilled, published_at


class Bulletin(NamedTuple):
    """The figures of a day that has a bulletin."""

    jurisdiction: str
    day: date
    figures: Figures


def bulletin(conclusions: Conclusions) -> BulletinPublished | None:
    """The bulletin of the day, the commission's edition; None while there is none."""
    found = _of(conclusions)
    event: BulletinPublished | None = None if found is None else _published(None, None, found).emitted().event
    return event


def _of(conclusions: Conclusions) -> Bulletin | None:
    figures = conclusions.figures
    return None if figures is None else Bulletin(conclusions.jurisdiction, conclusions.day, figures)


def _to_publish(conclusions: Conclusions) -> Bulletin | None:
    """B1: of the days of surveillance only; of others the figures are there for who asks."""
    found = _of(conclusions)
    return found if found is not None and is_surveilled(found.jurisdiction, found.day) else None


def _by_day(found: Bulletin | None) -> Mapping[str, Bulletin]:
    return {} if found is None else {"bulletin": found}


def _published(after: DayState | None, key: str | None, found: Bulletin) -> Statement:
    time = published_at(found.jurisdiction, found.day)
    return Statement(BulletinPublished, time, found.figures.as_event(found.jurisdiction, found.day))


def _restated(after: DayState, key: str, was: Statement, now: Statement | None) -> Iterator[Statement]:
    """B3: as it stands now, with the figures said before."""
    if now is None:
        yield was.withdrawn()
    else:
        repeated = ("new", "cumulative", "in_hospital", "asymptomatic", "online_care")
        before = {name: was.data[name] for name in repeated if name in was.data}
        yield Statement(BulletinRestated, now.time, {**now.data, "before": before})


announce: Announcer[Facts, Conclusions] = Announcer(
    {"bulletin": Things(lambda state: _to_publish(state.conclusions), _by_day, _published, change=_restated)},
)
