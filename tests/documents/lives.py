"""Lives of which the corpus keeps documents: the journeys of each service's own tests, and of the kinds without any."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from itertools import islice
from typing import Any

from chassis.decide.aggregate import AnyAggregate
from chassis.decide.judge import AnyState, judge_tick, overdue
from schemas.message import Message
from schemas.services import EVERY_SERVICE
from services.bulletin.routes import DAY
from tests.domain.bulletin import online
from tests.domain.bulletin.test_days import COUNTS, PUBLICATION
from tests.domain.contact.test_switch import switched
from tests.properties.publishing import Publication
from tests.services.test_institutions import delisted, listed

LATER = tuple(timedelta(days=days) for days in (3, 30))
"""How far the clock goes on after everything has come; each leaves a document."""
SHORT = 2
"""So many of the short journeys: each whole one has nearly all that they have."""


@dataclass(frozen=True)
class Lived:
    """One kind of a service, the world that its rules are handed, and what it is told."""

    service: str
    aggregate: AnyAggregate
    received_at: datetime
    context: Any = None
    journeys: tuple[list[Message], ...] = ()

    @property
    def name(self) -> str:
        """As its file in the corpus is called."""
        return f"{self.service}/{self.aggregate.name}"

    def states(self) -> Iterator[AnyState]:
        """Each journey half told, told, and gone on; of a kind that learns nothing, what the clock leaves."""
        for journey in self.journeys:
            numbered = list(enumerate(journey, 1))
            publication = Publication(self.aggregate, self.received_at, self.context)
            yield publication.tell(numbered[: len(numbered) // 2]).state
            yield publication.tell(numbered).state
            for later in LATER:
                yield publication.until([self.received_at + later]).state
        if not self.aggregate.learns:
            yield self.judged_on(self.aggregate.begin(), self.received_at)

    def judged_on(self, state: AnyState, until: datetime) -> AnyState:
        """The state after every instant that was due, and at `until`."""
        for judged in overdue(self.aggregate, state, until, self.context):
            state = judged.state
        return judge_tick(self.aggregate, state, until, self.context).state


def every_life() -> list[Lived]:
    """Every kind of every service."""
    return [lived for service in EVERY_SERVICE for lived in _lives(service)]


def _lives(service: str) -> Iterator[Lived]:
    journeys = import_module(f"tests.domain.{service}.journeys")
    first, *others = import_module(f"services.{service}.routes").AGGREGATES
    first = getattr(journeys, "KIND", first)
    given = (*islice(journeys.small(), SHORT), *journeys.full())
    yield Lived(service, first, journeys.RECEIVED_AT, getattr(journeys, "CONTEXT", None), given)
    of_kinds, contexts = getattr(journeys, "OF_KINDS", {}), getattr(journeys, "CONTEXTS", {})
    for aggregate in others:
        if aggregate.name in contexts:
            context, given = contexts[aggregate.name], of_kinds.get(aggregate.name, ())
            yield Lived(service, aggregate, journeys.RECEIVED_AT, context, given)
        else:
            yield _OTHERS[aggregate.name](service, aggregate)


def _copy(service: str, aggregate: AnyAggregate) -> Lived:
    given: list[Message] = [listed("h-1"), listed("h-1", district="Jinshan", name="Another Name")]
    return Lived(service, aggregate, PUBLICATION, None, (given, [*given, delisted("h-1")]))


def _day(service: str, aggregate: AnyAggregate) -> Lived:
    return Lived(service, aggregate, PUBLICATION, COUNTS)


def _public_day(service: str, aggregate: AnyAggregate) -> Lived:
    day = _day(service, DAY)
    return Lived(service, aggregate, PUBLICATION, day.judged_on(DAY.begin(), PUBLICATION).conclusions)


def _switch(service: str, aggregate: AnyAggregate) -> Lived:
    given: list[Message] = [switched(False, "10-22T09:00"), switched(True, "10-23T09:00", "operator")]
    return Lived(service, aggregate, PUBLICATION, None, (given,))


def _consultation(service: str, aggregate: AnyAggregate) -> Lived:
    return Lived(service, aggregate, online.RECEIVED_AT, None, (*online.small(), *online.full()))


def _delivery(service: str, aggregate: AnyAggregate) -> Lived:
    given: list[Message] = [online.delivered(), online.delivered(when="12-10T11:00"), online.delivered(withdrawn=True)]
    return Lived(service, aggregate, online.RECEIVED_AT, None, (given,))


_OTHERS = {
    "institution": _copy,
    "day": _day,
    "public_day": _public_day,
    "subscription": _switch,
    "consultation": _consultation,
    "delivery": _delivery,
}
