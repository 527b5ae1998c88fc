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
    corrected,
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


def reported(*messages: Message) -> Story:
    first = [confirmed(), admitted(), discharged(at(17, 10)), POSITIVE, AGAIN]
    return Story(CASE).given(*first, *messages, received_at=at(27))


@pytest.mark.parametrize("emitted", TAKEN_BACK.values(), ids=TAKEN_BACK)
def test_i2_an_episode_that_intake_took_back_is_none_however_it_was_said(emitted: list[Message]) -> None:
    assert [episode.number for episode in episodes(reported().state.facts, None)] == [1, 2]
    assert [episode.number for episode in episodes(reported(*emitted).state.facts, None)] == [1]


@pytest.mark.parametrize("emitted", TAKEN_BACK.values(), ids=TAKEN_BACK)
def test_i2_a_discharge_after_a_retest_that_never_was_belongs_to_the_first_episode(emitted: list[Message]) -> None:
    """Confirmed and discharged on 17 October, positive again on the 24th; all of it was a mistake."""
    story = reported(retracted(POSITIVE, at(25, 18)), *emitted, cancelled(at(26)))
    story.when(discharged(at(28, 10)), received_at=at(28, 11))
    (left,) = [one.event for one in story.emitted if isinstance(one.event, Discharged)]
    assert (left.episode, left.length_of_stay_days) == (1, 27)


def test_i2_an_episode_that_is_confirmed_again_after_its_exclusion_is_one() -> None:
    assert [episode.number for episode in episodes(reported(EXCLUDED, AGAIN).state.facts, None)] == [1, 2]


def test_i2_a_first_episode_whose_exclusion_is_withdrawn_is_confirmed_by_nothing() -> None:
    exclusion = excluded(at(3))
    story = Story(CASE).given(
        confirmed(), exclusion, exclusion.model_copy(update={"withdrawn": True}), received_at=at(4)
    )
    (first,) = episodes(story.state.facts, None)
    assert (first.number, first.excluded, first.confirmation) == (1, False, None)


def left(story: Story) -> list[tuple[int, int]]:
    """The episodes that somebody has left, each with the day of October."""
    return [(departure.episode, departure.discharge[1].day) for departure in story.state.conclusions.departures]


def test_an_episode_begins_by_the_version_of_its_positive_that_stands() -> None:
    """First said to be negative and of the 15th, before the discharge; corrected to positive, of the 24th."""
    moved = corrected(
        swabbed("r-20", at(15, 10), setting="follow_up"), at(24, 16), result="detected", collected_at=at(24, 10)
    )
    story = Story(CASE).given(confirmed(), admitted(), discharged(at(17, 10)), moved, AGAIN, received_at=at(27))
    assert [episode.begins for episode in episodes(story.state.facts, None)] == [None, at(24, 10)]
    assert left(story) == [(1, 17)]


@pytest.mark.parametrize("emitted", [[], [AGAIN], [AGAIN, AGAIN.model_copy(update={"withdrawn": True})]], ids=len)
def test_which_discharge_the_first_episode_has_does_not_follow_from_where_the_next_one_begins(
    emitted: list[Message],
) -> None:
    """Followup draws that from this discharge: it may not be moved by what it has led to."""
    home, later = discharged(at(17, 10)), discharged(at(28, 10))
    story = Story(CASE).given(confirmed(), admitted(), home, POSITIVE, later, *emitted, received_at=at(29))
    assert left(story)[0] == (1, 17)
    assert left(story)[1:] == ([(2, 28)] if len(emitted) == 1 else [])


def test_d8_of_two_discharges_with_no_retest_between_them_the_later_stands() -> None:
    later = discharged(at(20, 10))
    assert left(
        Story(CASE).given(confirmed(), admitted(), discharged(at(17, 10)), later, POSITIVE, received_at=at(27))
    ) == [(1, 20)]


def test_d8_a_positive_after_a_discharge_that_was_cancelled_divides_nothing() -> None:
    messages = confirmed(), admitted(), discharged(at(17, 10)), cancelled(at(17, 12)), POSITIVE, discharged(at(28, 10))
    assert left(Story(CASE).given(*messages, received_at=at(29))) == [(1, 28)]


def test_an_admission_for_a_retest_explains_no_discharge_before_it_and_does_not_make_it_unexplained() -> None:
    """The first stay's admission was never reported: the one after the re-test is of the next stay."""
    story = Story(CASE).given(confirmed(), discharged(at(17, 10)), POSITIVE, admitted(at(25, 9)), received_at=at(26))
    assert left(story) == [(1, 17)]
    (first,) = story.state.conclusions.departures
    assert first.length_of_stay_days is None
