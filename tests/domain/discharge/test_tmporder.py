"""CONTRACTS §2: the same in any order, with any repetition, ends in the same state and the same standing events."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.message import Message
from services.discharge.routes import CASE
from tests.domain.discharge.journeys import at, full, small
from tests.properties.telling import Telling, told_anew

CAME, LATER = at(10, 3), [at(27), at(30), at(40)]
"""When everything came: after all that the journeys tell. Later an unexplained discharge is answered."""

SMALL, FULL = list(small()), list(full())


def agree(journey: list[Message], orders: list[list[int]]) -> None:
    """Every order ends as the first does, and whoever folded what was said holds what the state says."""
    ranked = list(enumerate(journey))
    expected = Telling(CASE, CAME).tell(ranked).until(LATER).end
    for order in orders:
        told = Telling(CASE, CAME).tell(ranked[place] for place in order)
        assert told.standing == told_anew(CASE, told.state)
        assert told.until(LATER).end == expected
        assert told.standing == told_anew(CASE, told.state)


@pytest.mark.parametrize("journey", SMALL)
def test_every_order_of_a_small_journey_ends_the_same(journey: list[Message]) -> None:
    agree(journey, [list(order) for order in permutations(range(len(journey)))])


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_any_order_and_repetition_of_a_whole_stay_ends_the_same(data: st.DataObject) -> None:
    journey = data.draw(st.sampled_from(FULL))
    again = data.draw(st.lists(st.integers(0, len(journey) - 1), max_size=5))
    agree(journey, [data.draw(st.permutations([*range(len(journey)), *again]))])
