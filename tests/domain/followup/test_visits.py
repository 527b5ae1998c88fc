"""F6: return visits are chains of their own."""

from datetime import datetime

import pytest

from schemas.events.followup import (
    CallCompleted,
    CallRequested,
    FollowUpResumed,
    HomeVisitRequested,
    QuarantineCompleted,
    ReturnVisitAttended,
    ReturnVisitMissed,
)
from tests.domain.followup.journeys import RETURNED, at, called, discharged, log, revoked, visited
from tests.domain.followup.stories import emitted, happening, home, logged, names
from tests.domain.story import Story


def well_until(day: int) -> Story:
    """A completed plan whose return visits nobody has heard of."""
    return happening(home(), *logged()).until(at(day, 0))


def open_call(story: Story) -> str:
    """The id of what is asked for now."""
    return next(str(call.call_id) for call in story.state.conclusions.plans[-1].calls if not call.outcome)


def test_f6_an_attended_visit_is_said_with_its_day() -> None:
    story = happening(home(), *logged()).until(at(14, 22)).when(RETURNED, received_at=at(14, 23))
    story.then((ReturnVisitAttended, {"visit": "week_2", "due_on": "2020-10-31"}))
    assert story.emitted[0].time == at(14, 15)


@pytest.mark.parametrize("when", [at(10), at(15, 20)])
def test_f6_a_visit_on_another_day_is_attended(when: datetime) -> None:
    story = happening(home(), *logged(), visited("week_2", when)).until(at(17))
    assert story.state.conclusions.plans[0].visits[0].missed_at is None
    assert story.state.conclusions.plans[0].visits[0].attended_at == when


def test_f6_nobody_by_the_end_of_the_day_after_it_was_due_is_missed_and_somebody_calls() -> None:
    story = well_until(15).until(at(15, 23, 59)).stays_quiet()
    story.until(at(16, 0)).then(
        (ReturnVisitMissed, {"visit": "week_2", "due_on": "2020-10-31"}),
        (CallRequested, {"why": "return_visit_missed", "visit": "week_2", "days": [], "attempt": 1}),
    )
    assert {emitted.time for emitted in story.emitted} == {at(16, 0)}


def test_f6_a_reported_no_show_changes_nothing() -> None:
    story = happening(home(), *logged(1, 13)).until(at(14, 8))
    story.when(visited("week_2", None), received_at=at(14, 18)).stays_quiet()
    assert "ReturnVisitMissed" in names(happening(story, log(14, "pm")).until(at(16, 0)))


def test_f6_after_the_miss_an_attended_visit_answers_it_and_ends_the_ladder() -> None:
    story = well_until(16)
    story.when(visited("week_2", at(16, 10)), received_at=at(16, 11)).then(
        (ReturnVisitAttended, {"visit": "week_2"}), (CallCompleted, {"outcome": "withdrawn"})
    )
    story.until(at(29, 23)).stays_quiet()


def test_f6_a_conversation_after_the_miss_ends_the_ladder_and_the_miss_stands() -> None:
    story = well_until(16)
    story.when(called(open_call(story), at(16, 10)), received_at=at(16, 11)).then(
        (CallCompleted, {"outcome": "reached"})
    )
    story.until(at(29, 23)).stays_quiet()
    assert story.state.conclusions.plans[0].visits[0].missed_at == at(16, 0)


def test_f6_nobody_answers_three_calls_and_a_visit_and_nobody_is_lost() -> None:
    story = well_until(16).until(at(29, 23))
    assert [call.attempt for call in emitted(story, CallRequested)] == [2, 3]
    asked = [(visit.why, visit.visit, visit.attempt, visit.call_by) for visit in emitted(story, HomeVisitRequested)]
    assert asked == [("return_visit_missed", "week_2", 4, at(19, 0))]
    assert story.state.conclusions.plans[0].status.state == "completed"
    assert story.state.conclusions.due == at(30, 0)


def test_f6_visits_outlive_a_completed_plan_and_end_with_the_last() -> None:
    story = well_until(16).until(at(40))
    assert [missed.visit for missed in emitted(story, ReturnVisitMissed)] == ["week_4"]
    assert story.state.conclusions.due is None


@pytest.mark.parametrize("protocol", ["v9", "v10"])
def test_f1_f6_version_9_and_10_ask_for_no_return_visits(protocol: str) -> None:
    story = happening(home(protocol=protocol), *logged(1, 7)).until(at(40))
    assert story.state.conclusions.plans[0].visits == ()
    assert not emitted(story, ReturnVisitMissed)


def test_f6_f8_a_cancelled_plan_has_no_visits_to_miss() -> None:
    home().given(revoked(at(1, 12)), received_at=at(1, 13)).until(at(40)).stays_quiet()


def test_f6_f8_a_visit_whose_time_passed_while_cancelled_is_never_missed() -> None:
    story = happening(home(), *logged()).until(at(15, 0)).given(revoked(at(15, 9)), received_at=at(15, 10))
    story.when(discharged(), received_at=at(17)).then(FollowUpResumed, QuarantineCompleted)
    assert story.state.conclusions.plans[0].visits[0].missed_at is None
    story.until(at(29, 23)).stays_quiet()


def test_f6_while_the_patient_is_lost_nobody_calls_about_a_visit() -> None:
    story = happening(home(), *logged(1, 9)).until(at(15, 23)).until(at(18, 0))
    assert names(story) == ["ReturnVisitMissed"]


def test_f6_a_visit_missed_while_lost_is_asked_about_once_the_patient_is_found() -> None:
    story = happening(home(), *logged(1, 9)).until(at(18, 0))
    story.when(log(14, reported_at=at(18, 9)), received_at=at(18, 10))
    assert [(call.visit, call.attempt, call.call_by) for call in emitted(story, CallRequested)] == [
        ("week_2", 1, at(19, 0))
    ]


def test_f6_a_visit_missed_while_lost_is_settled_by_the_talk_that_finds_the_patient() -> None:
    story = happening(home(), *logged(1, 9)).until(at(18, 0))
    story.when(called("hotline-1", at(18, 9)), received_at=at(18, 10))
    assert not emitted(story, CallRequested)


def test_f6_the_next_stay_ends_the_visits_of_the_last() -> None:
    story = well_until(15).given(discharged(at(15, 10), episode=2), received_at=at(15, 11)).until(at(30))
    assert {missed.episode for missed in emitted(story, ReturnVisitMissed)} == set()
