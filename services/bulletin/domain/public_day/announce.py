"""What is stated of the public edition of a day: the totals, and the tables as far as they are shown (B5)."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from chassis.decide.announcing import Announcer
from schemas.events.bulletin import BulletinPublished
from services.bulletin.domain.day.figures import Figures, online_care
from services.bulletin.domain.editions import announcing, event_of
from services.bulletin.domain.public_day.conclude import Conclusions
from services.bulletin.domain.public_day.facts import Facts
from services.bulletin.domain.public_day.public_edition import Table
from services.bulletin.policy import smallest_shown


class Bulletin(NamedTuple):
    """The figures of a day that has a public edition, and what this one shows of each table."""

    jurisdiction: str
    day: date
    figures: Figures
    tables: Mapping[str, Table]

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the event."""
        smallest = smallest_shown(self.jurisdiction, self.day)
        return {
            **self.figures.as_event(self.jurisdiction, self.day),
            "edition": "public",
            "discharges": self._discharges,
            **online_care(channel.in_public(smallest) for channel in self.figures.online),
        }

    @property
    def _discharges(self) -> dict[str, Any]:
        suppressed = tuple(name for name, table in self.tables.items() if table.hidden)
        return {**{name: table.cells for name, table in self.tables.items()}, "suppressed": suppressed}


def bulletin(conclusions: Conclusions) -> BulletinPublished | None:
    """The bulletin of the day, the public edition; None while there is none."""
    return event_of(_of(conclusions))


def _of(conclusions: Conclusions) -> Bulletin | None:
    figures, tables = conclusions.figures, conclusions.public_tables
    if figures is None or tables is None:
        return None
    return Bulletin(conclusions.jurisdiction, conclusions.day, figures, tables)


announce: Announcer[Facts, Conclusions] = announcing(_of)
