"""How each edition of the bulletin of a day is said: published once, then restated with both figures (B1, B3, B5).

It is withdrawn where nothing is left that it could say.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Protocol

from chassis.decide.announcing import Announcer, Statement, Things
from chassis.decide.judge import C, F
from schemas.events.bulletin import BulletinPublished, BulletinRestated
from services.bulletin.policy import is_surveilled, published_at


class Edition(Protocol):
    """What one edition says of a day. Two that are equal say the same."""

    @property
    def jurisdiction(self) -> str: ...
    @property
    def day(self) -> date: ...
    @property
    def fields(self) -> Mapping[str, Any]:
        """The fields of the event."""


def event_of(found: Edition | None) -> BulletinPublished | None:
    """The edition as an event; None while there is none."""
    event: BulletinPublished | None = None if found is None else _published(None, None, found).emitted().event
    return event


def announcing(edition_of: Callable[[C], Edition | None]) -> Announcer[F, C]:
    """Says the edition of each day of surveillance (B1); those of other days are there for who asks.

    `edition_of`: conclusions → what the edition says, None while there is none.
    """

    def to_publish(conclusions: C) -> Edition | None:
        found = edition_of(conclusions)
        return found if found is not None and is_surveilled(found.jurisdiction, found.day) else None

    return Announcer(
        {"bulletin": Things(lambda state: to_publish(state.conclusions), _by_day, _published, change=_restated)}
    )


def _by_day(found: Edition | None) -> Mapping[str, Edition]:
    return {} if found is None else {"bulletin": found}


def _published(_after: object, _key: object, found: Edition) -> Statement:
    return Statement(BulletinPublished, published_at(found.jurisdiction, found.day), found.fields)


def _restated(_after: object, _key: object, was: Statement, now: Statement | None) -> Iterator[Statement]:
    """B3: as it stands now, with the figures said before."""
    if now is None:
        yield was.withdrawn()
    else:
        repeated = ("new", "cumulative", "in_hospital", "asymptomatic", "online_care")
        before = {name: was.data[name] for name in repeated if name in was.data}
        yield Statement(BulletinRestated, now.time, {**now.data, "before": before})
