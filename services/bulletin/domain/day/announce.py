"""What is stated of a day: two editions, each published once, then restated with both figures (B3, B5).

An edition is withdrawn where nothing is left that it could say.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal, NamedTuple

from chassis.decide.announcing import Announcer, Statement, Things
from schemas.events.bulletin import BulletinPublished, BulletinRestated
from services.bulletin.domain.day.conclude import Conclusions, DayState
from services.bulletin.domain.day.facts import Facts
from services.bulletin.domain.day.figures import Figures, online_care
from services.bulletin.domain.day.public_edition import Tables, channels
from services.bulletin.policy import is_surveilled, published_at, smallest_shown

Edition = Literal["commission", "public"]


class Bulletin(NamedTuple):
    """The figures of a day that has a bulletin; `tables`: what the public edition shows, None for the commission's."""

    jurisdiction: str
    day: date
    figures: Figures
    tables: Tables | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the event."""
        full = self.figures.as_event(self.jurisdiction, self.day)
        if self.tables is None:
            return full
        smallest = smallest_shown(self.jurisdiction, self.day)
        care = online_care(one.in_public(smallest) for one in channels(self.figures.online, smallest))
        left_out = ("youngest", "online_care")
        totals = {name: value for name, value in full.items() if name not in left_out}
        return {**totals, "edition": "public", "discharges": _in_public(self.tables), **care}


def bulletin(conclusions: Conclusions, edition: Edition = "commission") -> BulletinPublished | None:
    """The bulletin of the day in one edition; None while there is none."""
    found = _editions(conclusions).get(edition)
    event: BulletinPublished | None = None if found is None else _published(None, None, found).emitted().event
    return event


def _editions(conclusions: Conclusions) -> Mapping[Edition, Bulletin]:
    """B5: the public edition keeps silent while it had only channels to tell of that it may not name."""
    figures = conclusions.figures
    if figures is None:
        return {}
    full = Bulletin(conclusions.jurisdiction, conclusions.day, figures)
    editions: dict[Edition, Bulletin] = {"commission": full}
    if conclusions.public_tables is not None:
        smallest = smallest_shown(full.jurisdiction, full.day)
        if figures.has_cases or channels(figures.online, smallest):
            editions["public"] = full._replace(tables=conclusions.public_tables)
    return editions


def _to_publish(conclusions: Conclusions) -> Mapping[Edition, Bulletin]:
    """B1: of the days of surveillance only; of others the figures are there for who asks."""
    found = _editions(conclusions)
    return found if found and is_surveilled(conclusions.jurisdiction, conclusions.day) else {}


def _in_public(tables: Tables) -> dict[str, Any]:
    suppressed = tuple(name for name, table in tables.items() if table.hidden)
    return {**{name: table.cells for name, table in tables.items()}, "suppressed": suppressed}


def _by_edition(editions: Mapping[Edition, Bulletin]) -> Mapping[Edition, Bulletin]:
    return editions


def _published(after: DayState | None, key: str | None, found: Bulletin) -> Statement:
    return Statement(BulletinPublished, published_at(found.jurisdiction, found.day), found.fields)


def _restated(after: DayState, key: str, was: Statement, now: Statement | None) -> Iterator[Statement]:
    """B3: as it stands now, with the figures said before."""
    if now is None:
        yield was.withdrawn()
    else:
        repeated = ("new", "cumulative", "in_hospital", "asymptomatic", "online_care")
        before = {name: was.data[name] for name in repeated if name in was.data}
        yield Statement(BulletinRestated, now.time, {**now.data, "before": before})


announce: Announcer[Facts, Conclusions] = Announcer(
    {"bulletin": Things(lambda state: _to_publish(state.conclusions), _by_edition, _published, change=_restated)},
)
