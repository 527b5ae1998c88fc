"""I3, I4: what becomes of an episode's transfer when the next one begins: nobody is sent for it, and nobody is late."""

from datetime import datetime, timedelta

from schemas.events.intake import CaseExcluded, CaseImported, TransferCompleted, TransferOverdue, TransferRequested
from schemas.events.treatment import TestResultRecorded
from schemas.message import Message
from services.intake.domain.institutions import Institutions
from services.intake.domain.worklist import Row
from services.intake.routes import CASE as KIND
from tests.domain.intake.journeys import (
    CASE,
    NOBODY,
    RETEST,
    admitted,
    arrived,
    at,
    hospital,
    knowing,
    recorded,
    retested,
    retracted,
)
from tests.domain.story import Story

POSITIVE_AGAIN = TestResultRecorded(case_id=CASE, **RETEST.model_dump())
SENT_TO_A, TO_B = knowing(hospital("A")), knowing(hospital("B"))
RECEIVED_AT = at("10-24T18:10")
RESPOND_BY = "2020-09-16T09:00:00+08:00"


def waiting(context: Institutions = SENT_TO_A) -> Story:
    """Sent to A on 15 September, admitted by nobody, and positive again on 24 October."""
    story = Story(KIND, context).given(arrived(), recorded("r-1"), received_at=at("09-15T10:00"))
    return story.given(POSITIVE_AGAIN, received_at=at("10-24T18:05"))


def again(story: Story, received_at: datetime = RECEIVED_AT) -> Story:
    return story.when(retested("r-9"), received_at=received_at)


def overdue_of(story: Story) -> list[tuple[int, int]]:
    return [(transfer.episode, transfer.overdue) for transfer in story.state.conclusions.transfers]


def test_i4_how_often_it_was_overdue_is_drawn_up_to_the_beginning_of_the_next_episode() -> None:
    story = waiting()
    assert overdue_of(story) == [(1, 39)]
    again(story).then(
        (CaseImported, {"episode": 2}),
        (TransferOverdue, {"episode": 1, "to_institution_id": "A", "level": 38, "respond_by": RESPOND_BY}),
        (TransferRequested, {"episode": 2, "to_institution_id": "A"}),
    )


def test_i4_it_is_not_said_again_of_the_episode_before() -> None:
    story = again(waiting()).until(at("10-25T18:00"))
    story.then((TransferOverdue, {"episode": 2, "level": 1}))
    story.when(admitted("A", "10-25T19:00")).then((TransferCompleted, {"episode": 2}))
    assert (overdue_of(story)[0], story.state.conclusions.due) == ((1, 38), None)


def test_i3_nobody_else_is_chosen_for_the_episode_before() -> None:
    story = again(waiting())
    story.context = TO_B
    story.when(arrived(purpose="study")).then(
        *[(CaseImported, {"episode": episode}) for episode in (1, 2)],
        (TransferRequested, {"episode": 2, "to_institution_id": "B"}),
    )
    assert [transfer.to_institution_id for transfer in story.state.conclusions.transfers] == ["A", "B"]


def test_i3_nobody_is_asked_for_an_episode_that_was_over_when_it_was_heard_of() -> None:
    """Whichever of the two is known first."""
    messages = (arrived(), recorded("r-1"), POSITIVE_AGAIN, retested("r-9"))
    for order in (messages, messages[::-1]):
        story = Story(KIND, knowing(hospital("A"))).given(*order, received_at=at("10-28T10:00"))
        assert [transfer.episode for transfer in story.state.conclusions.transfers] == [2]
        emitted: list[Message] = [emitted.event for emitted in KIND.announce(KIND.begin(), story.state)]
        assert [type(event) for event in emitted] == [CaseImported, CaseImported, TransferRequested]


def test_i3_nobody_is_waited_for_in_an_episode_that_is_over() -> None:
    story = again(waiting(NOBODY))
    assert [transfer.episode for transfer in story.state.conclusions.transfers] == [2]
    story.context = TO_B
    story.until(at("10-25T18:00")).then((TransferRequested, {"episode": 2, "to_institution_id": "B"}))


def test_i3_an_admission_that_is_heard_of_late_completes_the_transfer_of_its_own_episode() -> None:
    story = again(waiting()).when(admitted("A", "09-17T10:00"))
    story.then((TransferCompleted, {"episode": 1, "admitted_at": "2020-09-17T10:00:00+08:00"}))


def test_i4_an_episode_that_is_excluded_ends_no_other() -> None:
    story = again(waiting()).when(retracted(RETEST, resulted_at=at("10-25T10:00")), received_at=at("10-25T10:05"))
    story.then(
        (CaseExcluded, {"episode": 2}),
        (TransferRequested, {"episode": 2, "withdrawn": True}),
        (TransferOverdue, {"episode": 1, "level": 40}),
    )
    assert story.state.conclusions.due == at("10-26T09:00")
    story.until(at("10-26T09:00")).then((TransferOverdue, {"episode": 1, "level": 41}))


def test_i3_beside_an_excluded_episode_the_first_still_waits_and_is_on_the_work_list() -> None:
    story = Story(KIND, NOBODY).given(
        arrived(), recorded("r-1"), POSITIVE_AGAIN, retested("r-9"), received_at=RECEIVED_AT
    )
    story.given(retracted(RETEST), received_at=RECEIVED_AT + timedelta(days=1))
    assert story.state.conclusions.due is not None
    assert KIND.table is not None
    row = Row(*(KIND.table.row(story.state) or ()))
    assert (row.open, row.to_institution_id, row.transfer_by) == (True, None, at("09-16T09:00"))
    story.given(admitted("CN-SH-OTHER", "10-25T20:00"))
    row = Row(*(KIND.table.row(story.state) or ()))
    assert (row.open, row.transfer_by, story.state.conclusions.due) == (True, None, None)
