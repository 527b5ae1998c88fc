"""I7: nothing begins after a death, and what begins and what died do not answer each other for ever."""

from datetime import timedelta

from schemas.events.intake import CaseImported
from schemas.events.treatment import TestResultRecorded
from schemas.message import Message
from services.intake.policy import BELIEVED_FOR
from services.intake.routes import CASE as KIND
from tests.domain.intake.journeys import (
    CASE,
    NOBODY,
    RETEST,
    arrived,
    at,
    discharged,
    recorded,
    retested,
    revoked,
)
from tests.domain.story import Story

POSITIVE_AGAIN = TestResultRecorded(case_id=CASE, **RETEST.model_dump())
"""Collected at 8 on 24 October, told at 18."""
RECEIVED_AT = at("10-25T00:00")
HOME, DIED = discharged("10-17T10:00"), discharged("10-24T12:00", "died")
DIED_IN_THE_SECOND = discharged("10-24T12:00", "died", episode=2)


def again(*messages: Message) -> Story:
    return Story(KIND, NOBODY).given(
        arrived(), recorded("r-1"), HOME, POSITIVE_AGAIN, retested("r-9"), *messages, received_at=RECEIVED_AT
    )


def numbers(story: Story) -> list[int]:
    return [episode.number for episode in story.state.conclusions.episodes]


def test_i7_a_positive_that_is_told_after_the_death_begins_no_episode() -> None:
    again().when(DIED).then((CaseImported, {"episode": 2, "withdrawn": True}))
    reported = Story(KIND, NOBODY).given(arrived(), recorded("r-1"), HOME, DIED, received_at=RECEIVED_AT)
    reported.when(POSITIVE_AGAIN).when(retested("r-9")).stays_quiet()


def test_i7_one_that_was_told_before_it_does() -> None:
    assert numbers(again(discharged("10-24T18:01", "died"))) == [1, 2]


def test_i7_who_had_died_before_the_first_positive_was_told_is_a_case() -> None:
    story = Story(KIND, NOBODY).given(arrived(), discharged("09-15T03:00", "died"), received_at=RECEIVED_AT)
    story.when(recorded("r-1")).then((CaseImported, {"episode": 1}))


def test_i7_a_death_that_moves_from_one_episode_to_the_other_stays_one() -> None:
    """As discharge states it anew, without an end, were each of its words believed at once."""
    story = again(DIED)
    for _ in range(3):
        for word in (HOME, DIED_IN_THE_SECOND, DIED_IN_THE_SECOND.model_copy(update={"withdrawn": True}), DIED):
            story.when(word).stays_quiet()


def test_i7_a_death_that_is_cancelled_is_none() -> None:
    again(DIED).when(revoked("10-24T12:00", "10-25T08:00", "cancelled")).then((CaseImported, {"episode": 2}))


def test_i7_a_death_of_which_nothing_is_said_any_more_is_none_after_a_while() -> None:
    """One after the ward is cancelled: the discharge to home is the word again."""
    story = again(DIED).when(HOME)
    story.stays_quiet()
    assert story.state.conclusions.due == RECEIVED_AT + BELIEVED_FOR
    story.until(RECEIVED_AT + BELIEVED_FOR - timedelta(seconds=1)).stays_quiet()
    story.until(RECEIVED_AT + BELIEVED_FOR).then((CaseImported, {"episode": 2}))
