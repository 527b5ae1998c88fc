"""What is stated of a day: the commission's edition of its bulletin, in full."""

from datetime import date
from typing import Any, NamedTuple

from chassis.decide.announcing import Announcer
from schemas.events.bulletin import BulletinPublished
from services.bulletin.domain.day.conclude import Conclusions
from services.bulletin.domain.day.facts import Facts
from services.bulletin.domain.day.figures import Figures
from services.bulletin.domain.editions import announcing, event_of


class Bulletin(NamedTuple):
    """The figures of a day that has a bulletin."""

    jurisdiction: str
    day: date
    figures: Figures

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the event."""
        return self.figures.as_event(self.jurisdiction, self.day)


def bulletin(conclusions: Conclusions) -> BulletinPublished | None:
    """The bulletin of the day, the commission's edition; None while there is none."""
    return event_of(_of(conclusions))


def _of(conclusions: Conclusions) -> Bulletin | None:
    figures = conclusions.figures
    return None if figures is None else Bulletin(conclusions.jurisdiction, conclusions.day, figures)


announce: Announcer[Facts, Conclusions] = announcing(_of)
