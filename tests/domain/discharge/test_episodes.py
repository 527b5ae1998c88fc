"""Which episodes there are by the last word of intake (I2), and to which of them a discharge belongs."""

import pytest

from schemas.events.discharge import Discharged
from schemas.message import Message
from services.discharge.domain.episodes import episodes
from services.discharge.routes import CASE
from tests.domain.discharge.journeys import (
    admitted,
    at,
    cancelled,
    confirmed,
    discharged,
    excluded,
    retracted,
    second_episode,
    swabbed,
)
from tests.domain.story import Story

AGAIN = second_episode()[1]
EXCLUDED = excluded(at(25, 18), episode=2, basis=("r-20",), confirmed_at=at(24, 16))
POSITIVE = swabbed("r-20", at(24, 10), "detected", setting="follow_up")
TAKEN_BACK: dict[str, list[Message]] = {
    "excluded": [EXCLUDED],
    "excluded, and then that is withdrawn": [EXCLUDED, EXCLUDED.model_copy(update={"withdrawn": True})],
    "withdrawn": [AGAIN.model_copy(update={"withdrawn": True})],
    "withdrawn, and then excluded": [AGAIN.model_copy(update={"withdrawn": True}), EXCLUDED],
}


def told(*messages: Message) -> Story:
    first = [confirmed(), admitted(), discharged(at(17, 10)), POSITIVE, AGAIN]
    return Story(CASE).given(*first, *messages, came=at(27))


@pytest.mark.parametrize("said", TAKEN_BACK.values(), ids=TAKEN_BACK)
def test_i2_an_episode_that_intake_took_back_is_none_however_it_was_said(said: list[Message]) -> None:
    assert [episode.number for episode in episodes(told().state.facts)] == [1, 2]
    assert [episode.number for episode in episodes(told(*said).state.facts)] == [1]


@pytest.mark.parametrize("said", TAKEN_BACK.values(), ids=TAKEN_BACK)
def test_i2_a_discharge_after_a_retest_that_never_was_belongs_to_the_first_episode(said: list[Message]) -> None:
    """Confirmed and discharged on 17 October, positive again on the 24th; all of it was a mistake."""
    story = told(retracted(POSITIVE, at(25, 18)), *said, cancelled(at(26)))
    story.when(discharged(at(28, 10)), came=at(28, 11))
    (left,) = [one.event for one in story.said if isinstance(one.event, Discharged)]
    assert (left.episode, left.length_of_stay_days) == (1, 27)


def test_i2_an_episode_that_is_confirmed_again_after_its_exclusion_is_one() -> None:
    assert [episode.number for episode in episodes(told(EXCLUDED, AGAIN).state.facts)] == [1, 2]


def test_i2_a_first_episode_whose_exclusion_is_withdrawn_is_confirmed_by_nothing() -> None:
    exclusion = excluded(at(3))
    story = Story(CASE).given(confirmed(), exclusion, exclusion.model_copy(update={"withdrawn": True}), came=at(4))
    (first,) = episodes(story.state.facts)
    assert (first.number, first.excluded, first.confirmation) == (1, False, None)
