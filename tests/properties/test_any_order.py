"""The one idea of the house, for every service at once: the same messages in any order, with any repetition, end in the
same facts, the same conclusions and the same standing events; and folding what was said gives what was concluded."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.decide.aggregate import AnyAggregate
from schemas.message import Message
from schemas.services import EVERY_SERVICE
from tests.properties.publishing import Numbered, Publication, differences, stated_anew

LATER = tuple(timedelta(days=days) for days in (0, 1, 3, 7, 30))
"""How far the clock goes on after everything has come."""


@dataclass(frozen=True)
class Subject:
    """A service with the journeys that its own tests tell."""

    name: str
    kind: AnyAggregate
    received_at: datetime
    context: Any
    small: tuple[list[Message], ...]
    full: tuple[list[Message], ...]

    def reported(self, order: list[Numbered]) -> Publication:
        """The end of a journey that was told in this order, the clock having gone on."""
        return self.gone_on(self.published_alone(order))

    def published_alone(self, order: list[Numbered]) -> Publication:
        """A journey that was told in this order, at one instant."""
        return Publication(self.kind, self.received_at, self.context).tell(order)

    def gone_on(self, publication: Publication) -> Publication:
        """The same publication, the clock having gone on."""
        return publication.until([self.received_at + later for later in LATER])


def _subject(name: str, module: str = "journeys") -> Subject:
    journeys = import_module(f"tests.domain.{name}.{module}")
    kind = getattr(journeys, "KIND", None) or import_module(f"services.{name}.routes").AGGREGATES[0]
    context = getattr(journeys, "CONTEXT", None)
    return Subject(name, kind, journeys.RECEIVED_AT, context, tuple(journeys.small()), tuple(journeys.full()))


SUBJECTS = [_subject(name) for name in EVERY_SERVICE if find_spec(f"services.{name}.routes")]
SUBJECTS += [replace(_subject("bulletin", "online"), name="bulletin, online care")]
every_service = pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)


def agree(expected: Publication, reported: Publication) -> None:
    facts, conclusions, standing = reported.end
    assert facts == expected.end[0]
    assert conclusions == expected.end[1]
    assert not list(differences(standing, expected.end[2]))
    assert not list(differences(standing, stated_anew(reported.kind, reported.state)))


@every_service
def test_every_order_of_a_small_journey_ends_the_same(subject: Subject) -> None:
    """What the clock brings follows from the state alone, so it goes on once from each state that some order led to.

    Thirty days of it are by far the most work: a judgement at each midnight of a plan.
    """
    for journey in subject.small:
        numbered = list(enumerate(journey, 1))
        expected = subject.reported(numbered)
        gone_on_from: list[Any] = []
        for order in permutations(numbered):
            reported = subject.published_alone([*order, order[0]])
            if (reported.state, reported.standing) not in gone_on_from:
                gone_on_from.append((reported.state, reported.standing))
                agree(expected, subject.gone_on(reported))


@every_service
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_any_order_and_repetition_of_a_whole_journey_ends_the_same(subject: Subject, data: st.DataObject) -> None:
    numbered = list(enumerate(data.draw(st.sampled_from(subject.full)), 1))
    again = data.draw(st.lists(st.sampled_from(numbered), max_size=8))
    agree(subject.reported(numbered), subject.reported(data.draw(st.permutations([*numbered, *again]))))


@every_service
def test_the_property_sees_a_rule_that_looks_at_the_order_of_arrival(subject: Subject) -> None:
    """A guard that cannot fail guards nothing: last come, last word, is told apart."""
    arrived = iter(range(1_000_000))

    class ByArrival(Publication):
        def _receipt(self, _number: int, message: Message, /) -> Any:
            return super()._receipt(next(arrived), message)

    journey = list(enumerate([*max(subject.full, key=len)], 1))
    publications = [
        ByArrival(subject.kind, subject.received_at, subject.context).tell(order) for order in (journey, journey[::-1])
    ]
    assert publications[0].end != publications[1].end
