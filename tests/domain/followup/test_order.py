"""CONTRACTS §2: the same messages in any order, with any repetition, end in the same state and standing events."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.judge import State
from schemas.folding import thing
from schemas.message import Message
from services.followup.domain import announce, standing
from services.followup.routes import CASE as KIND
from tests.domain.followup.journeys import CAME, CASE, at, full, small
from tests.domain.story import Story

SMALL, FULL = list(small()), list(full())

Words = dict[Any, Any]


def told(numbered: Sequence[tuple[int, Message]]) -> list[tuple[State, Words]]:
    """The state and the last word on each thing: when all has been told, and a week later, deadlines having passed."""
    story, last = Story(KIND), {}

    def heard() -> tuple[State, Words]:
        for said in story.said:
            last[thing(said.event.type_name(), CASE, said.event.model_dump())] = (said.event, said.time)
        return story.state, {key: word for key, word in last.items() if not word[0].withdrawn}

    for number, message in numbered:
        story.when(message, came=CAME, sequence=number)
        end = heard()
    story.until(at(7))
    return [end, heard()]


def stands(state: State) -> Words:
    """What somebody who knew nothing would be told of a state."""
    everything = announce(KIND.begin(), state)
    return {thing(s.event.type_name(), CASE, s.event.model_dump()): (s.event, s.time) for s in everything}


def agree(journey: list[Message], expected_ends: list[tuple[State, Words]], order: Sequence[int]) -> None:
    numbered = list(enumerate(journey, 1))
    for (expected, _), (state, words) in zip(expected_ends, told([numbered[place] for place in order]), strict=True):
        assert state.facts == expected.facts
        assert state.conclusions == expected.conclusions
        assert standing(state.facts, state.conclusions) == standing(expected.facts, expected.conclusions)
        assert words == stands(state)


@pytest.mark.parametrize("journey", SMALL)
def test_every_order_of_a_small_journey_ends_the_same(journey: list[Message]) -> None:
    ends = told(list(enumerate(journey, 1)))
    for order in permutations(range(len(journey))):
        agree(journey, ends, [*order, order[0]])


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_any_order_and_repetition_of_a_whole_plan_ends_the_same(data: st.DataObject) -> None:
    journey = data.draw(st.sampled_from(FULL))
    again = data.draw(st.lists(st.integers(0, len(journey) - 1), max_size=5))
    order = data.draw(st.permutations([*range(len(journey)), *again]))
    agree(journey, told(list(enumerate(journey, 1))), order)
