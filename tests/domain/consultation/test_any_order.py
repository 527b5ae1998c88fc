"""A channel and a prescription end the same in whatever order their reports come, and however often."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.decide.aggregate import AnyAggregate
from schemas.message import Message
from services.consultation.routes import CHANNEL, PRESCRIPTION
from tests.domain.consultation.kinds import (
    BEIJING,
    ELSEWHERE,
    at,
    closed,
    issue,
    opened,
    reviewed,
    rostered,
    step,
    unrostered,
)
from tests.properties.publishing import Numbered, Publication
from tests.properties.test_any_order import agree

RECEIVED_AT = at("12-10T12:00")
LATER = tuple(timedelta(days=days) for days in (0, 1, 3, 7, 30))
ISSUED = issue(known_at=RECEIVED_AT)

SMALL: list[tuple[AnyAggregate, Any, list[Message]]] = [
    (
        CHANNEL,
        BEIJING,
        [
            opened("12-09T08:00"),
            rostered("12-09T08:00", "12-12T08:00"),
            unrostered("12-09T08:00"),
            rostered("12-09T10:00", "12-20T08:00", "e-2"),
            closed("12-18T08:00"),
        ],
    ),
    (
        CHANNEL,
        BEIJING,
        [
            opened("12-09T08:00", open_24h=False),
            opened("12-12T08:00"),
            closed("12-14T08:00"),
            opened("12-12T08:00", institution_id=ELSEWHERE),
            rostered("12-12T08:00", "12-13T08:00"),
        ],
    ),
    (
        PRESCRIPTION,
        ISSUED,
        [
            reviewed("12-10T03:10"),
            step("dispensed", "12-10T03:25"),
            step("dispatched", "12-10T04:00"),
            step("failed", "12-10T06:00"),
            step("delivered", "12-10T09:00"),
        ],
    ),
    (
        PRESCRIPTION,
        ISSUED,
        [
            reviewed("12-10T03:10", "rejected"),
            reviewed("12-10T03:20"),
            reviewed("12-10T03:20", "rejected", reason="dose"),
            step("dispensed", "12-10T03:25"),
            reviewed("12-10T03:40"),
        ],
    ),
]
FULL: list[tuple[AnyAggregate, Any, list[Message]]] = [
    (
        CHANNEL,
        BEIJING,
        [
            *SMALL[0][2],
            opened("12-24T08:00", name="Anew"),
            rostered("12-23T08:00", "12-26T08:00", "e-3"),
            rostered("12-23T08:00", "12-24T08:00", "e-3"),
            closed("12-31T08:00"),
            unrostered("12-26T08:00", "e-4"),
            rostered("12-26T08:00", "12-27T08:00", "e-4"),
        ],
    ),
    (
        PRESCRIPTION,
        ISSUED,
        [
            *SMALL[2][2],
            step("dispatched", "12-10T08:00"),
            step("failed", "12-10T06:00", reason="nobody_home"),
            step("dispensed", "12-10T03:12"),
            step("failed", "12-10T09:00"),
            step("dispatched", "12-10T09:00"),
            reviewed("12-10T08:30", "rejected"),
            reviewed("12-10T08:40"),
        ],
    ),
]


def ends(publication: Publication) -> Publication:
    """The same publication, the clock having gone on."""
    return publication.until([RECEIVED_AT + later for later in LATER])


def reported(kind: AnyAggregate, context: Any, order: Sequence[Numbered]) -> Publication:
    return ends(Publication(kind, RECEIVED_AT, context).tell(order))


@pytest.mark.parametrize(("kind", "context", "journey"), SMALL)
def test_every_order_of_a_small_journey_ends_the_same(kind: AnyAggregate, context: Any, journey: list[Message]) -> None:
    numbered = list(enumerate(journey, 1))
    expected = reported(kind, context, numbered)

    for order in permutations(numbered):
        agree(expected, reported(kind, context, [*order, order[0]]))


@pytest.mark.parametrize(("kind", "context", "journey"), FULL)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_any_order_and_repetition_of_a_whole_journey_ends_the_same(
    kind: AnyAggregate, context: Any, journey: list[Message], data: st.DataObject
) -> None:
    numbered = list(enumerate(journey, 1))
    again = data.draw(st.lists(st.sampled_from(numbered), max_size=6))

    order = data.draw(st.permutations([*numbered, *again]))
    agree(reported(kind, context, numbered), reported(kind, context, order))


@pytest.mark.parametrize(("kind", "context", "journey"), FULL)
def test_a_rule_that_goes_by_the_order_of_arrival_is_seen(
    kind: AnyAggregate, context: Any, journey: list[Message]
) -> None:
    """A guard that cannot fail guards nothing: last come, last word, ends otherwise."""
    arrived = iter(range(1_000))

    class ByArrival(Publication):
        def _receipt(self, _number: int, message: Message, /) -> Any:
            return super()._receipt(next(arrived), message)

    numbered = list(enumerate(journey, 1))
    one, other = (ends(ByArrival(kind, RECEIVED_AT, context).tell(order)) for order in (numbered, numbered[::-1]))
    assert one.end != other.end


def test_a_medicine_is_delivered_once_in_whatever_order_its_steps_are_drawn() -> None:
    """C6: the one delivery, of two that are reported."""
    kind, context, journey = SMALL[2]
    numbered = list(enumerate([*journey[:3], journey[4], step("delivered", "12-10T10:00")], 1))

    for order in permutations(numbered):
        standing = reported(kind, context, order).standing
        delivered = [data for (thing, *_), (data, _) in standing.items() if thing == "delivery"]
        assert [one["delivered_at"] for one in delivered] == ["2022-12-10T09:00:00+08:00"]
