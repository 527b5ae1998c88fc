"""Lives of which the corpus keeps documents: the journeys of each service's own tests, and of the kinds without any."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from itertools import islice
from typing import Any

from chassis.judge import State, judge_tick, overdue
from chassis.routes import Kind
from schemas.message import Message
from schemas.topics import EVERY_SERVICE
from tests.domain.bulletin.test_days import COUNTS, PUBLICATION
from tests.domain.contact.test_switch import switched
from tests.properties.telling import Telling
from tests.services.test_institutions import delisted, listed

LATER = tuple(timedelta(days=days) for days in (3, 30))
"""How far the clock goes on after everything has come; each leaves a document."""
SHORT = 2
"""So many of the short journeys: each whole one has nearly all that they have."""


@dataclass(frozen=True)
class Lived:
    """One kind of a service, the world that its rules are handed, and what it is told."""

    service: str
    kind: Kind
    came: datetime
    world: Any = None
    journeys: tuple[list[Message], ...] = ()

    @property
    def name(self) -> str:
        """As its file in the corpus is called."""
        return f"{self.service}/{self.kind.name}"

    def states(self) -> Iterator[State]:
        """Each journey half told, told, and gone on; of a kind that learns nothing, what the clock leaves."""
        for journey in self.journeys:
            numbered = list(enumerate(journey, 1))
            telling = Telling(self.kind, self.came, self.world)
            yield telling.tell(numbered[: len(numbered) // 2]).state
            yield telling.tell(numbered).state
            for later in LATER:
                yield telling.until([self.came + later]).state
        if not self.kind.learns:
            yield self.judged_on(self.kind.begin(), self.came)

    def judged_on(self, state: State, until: datetime) -> State:
        """The state after every instant that was due, and at `until`."""
        for judged in overdue(self.kind, state, until, self.world):
            state = judged.state
        return judge_tick(self.kind, state, until, self.world).state


def every_life() -> list[Lived]:
    """Every kind of every service."""
    return [lived for service in EVERY_SERVICE for lived in _lives(service)]


def _lives(service: str) -> Iterator[Lived]:
    journeys = import_module(f"tests.domain.{service}.journeys")
    first, *others = import_module(f"services.{service}.routes").KINDS
    first = getattr(journeys, "KIND", first)
    told = (*islice(journeys.small(), SHORT), *journeys.full())
    yield Lived(service, first, journeys.CAME, getattr(journeys, "WORLD", None), told)
    for kind in others:
        yield _OTHERS[kind.name](service, kind)


def _copy(service: str, kind: Kind) -> Lived:
    told: list[Message] = [listed("h-1"), listed("h-1", district="Jinshan", name="Another Name")]
    return Lived(service, kind, PUBLICATION, None, (told, [*told, delisted("h-1")]))


def _day(service: str, kind: Kind) -> Lived:
    return Lived(service, kind, PUBLICATION, COUNTS)


def _switch(service: str, kind: Kind) -> Lived:
    told: list[Message] = [switched(False, "10-22T09:00"), switched(True, "10-23T09:00", "operator")]
    return Lived(service, kind, PUBLICATION, None, (told,))


_OTHERS = {"institution": _copy, "day": _day, "subscription": _switch}
