"""F3: the steps of a ladder, from the first call to the home visit, and what ends or repeats it."""

import pytest

from schemas.events.followup import (
    CallCompleted,
    CallRequested,
    FollowUpResumed,
    HomeVisitRequested,
    LostToFollowUp,
    QuarantineDayLogged,
    QuarantineDayMissed,
)
from tests.domain.followup.journeys import at, called, discharged, log, logs, revoked, visited
from tests.domain.followup.stories import call_id, emitted, happening, home, logged, names
from tests.domain.story import Story


def silent_from(day: int) -> Story:
    """Every day before `day` is logged, and `day` has just been missed."""
    return happening(home(), *logged(1, day - 1)).until(at(day + 1, 0))


def at_home(story: Story) -> str:
    """The id of the home visit that is open."""
    return next(str(call.call_id) for call in story.state.conclusions.plans[-1].calls if call.home and not call.outcome)


def test_f3_nobody_answers_three_calls_a_visit_and_the_patient_is_lost() -> None:
    story = silent_from(5)
    assert [call.call_by for call in story.state.conclusions.plans[0].calls] == [at(7, 0)]
    for asked_at, attempt, call_by in ((at(7, 0), 2, at(7, 12)), (at(7, 12), 3, at(8, 0))):
        story.until(asked_at)
        assert [(call.attempt, call.call_by) for call in emitted(story, CallRequested)] == [(attempt, call_by)]
    story.until(at(8, 0))
    assert [(visit.days, visit.visit_by) for visit in emitted(story, HomeVisitRequested)] == [((5, 6, 7), at(9, 0))]
    story.until(at(8, 23, 59)).stays_quiet()
    story.until(at(9, 0)).then(
        (QuarantineDayMissed, {"day": 8}), (CallCompleted, {"outcome": "lapsed"}), LostToFollowUp
    )
    assert {emitted.time for emitted in story.emitted} == {at(9, 0)}


def test_f3_a_call_without_an_answer_asks_for_the_next_at_once() -> None:
    story = silent_from(5)
    story.when(called(call_id(story), at(6, 10), "no_answer"), received_at=at(6, 10, 5))
    story.then((CallCompleted, {"outcome": "no_answer"}), (CallRequested, {"attempt": 2, "days": [5]}))
    assert emitted(story, CallRequested)[0].call_by == at(7, 12)
    story.when(called(call_id(story, 1), at(6, 12), "no_answer"), received_at=at(6, 12, 5))
    assert [(call.attempt, call.call_by) for call in emitted(story, CallRequested)] == [(3, at(8, 0))]
    story.when(called(call_id(story, 2), at(6, 14), "no_answer"), received_at=at(6, 14, 5))
    story.then((CallCompleted, {"outcome": "no_answer"}), (HomeVisitRequested, {"days": [5]}))


@pytest.mark.parametrize("outcome", ["refused", "wrong_number"])
def test_f3_where_calling_is_of_no_use_somebody_goes_there_at_once(outcome: str) -> None:
    story = silent_from(5)
    story.when(called(call_id(story), at(6, 10), outcome), received_at=at(6, 10, 5))
    story.then((CallCompleted, {"outcome": outcome}), (HomeVisitRequested, {"why": "day_missed", "days": [5]}))


def test_f3_every_word_on_a_step_says_what_it_is_about_its_place_and_by_when() -> None:
    """So whoever reads only the last word on a call, or only home visits, needs nothing else to know what it was."""
    story = silent_from(5)
    step = {"call_id": call_id(story), "why": "day_missed", "days": [5], "attempt": 1, "call_by": at(7, 0).isoformat()}
    story.when(called(call_id(story), at(6, 10), "refused"), received_at=at(6, 10, 5))
    visit = {"why": "day_missed", "days": [5], "attempt": 4, "call_by": at(9, 0).isoformat()}
    story.then((CallCompleted, step), (HomeVisitRequested, {**visit, "visit_by": visit["call_by"]}))
    story.when(called(at_home(story), at(6, 15)), received_at=at(6, 16)).then(
        (CallCompleted, {**visit, "outcome": "reached"})
    )


def test_f3_a_wrong_number_told_late_takes_the_next_call_back_and_goes_to_the_visit() -> None:
    story = silent_from(5).until(at(7, 0))
    story.when(called(call_id(story), at(6, 22), "wrong_number"), received_at=at(7, 2)).then(
        (CallCompleted, {"call_id": call_id(story), "outcome": "wrong_number"}),
        (CallCompleted, {"call_id": call_id(story, 1), "outcome": "withdrawn"}),
        HomeVisitRequested,
    )


def test_f3_a_home_visit_settles_the_days_with_or_without_a_temperature() -> None:
    story = silent_from(5).until(at(8, 0))
    story.when(called(at_home(story), at(8, 10)), received_at=at(8, 11)).then((CallCompleted, {"outcome": "reached"}))
    happening(story, *logs(8, 14)).until(at(15, 0))
    assert story.state.conclusions.plans[0].status.state == "completed"


def test_f3_72_hours_without_contact_are_lost_and_a_second_less_is_not() -> None:
    story = silent_from(5).until(at(8, 23))
    story.given(log(8, "pm", reported_at=at(8, 23, 59, 58)), received_at=at(8, 23, 59, 59)).until(at(9, 0))
    assert not emitted(story, LostToFollowUp)
    assert emitted(silent_from(5).until(at(9, 0)), LostToFollowUp)


@pytest.mark.parametrize("outcome", ["no_answer", "wrong_number"])
def test_f3_who_could_not_be_spoken_to_was_no_contact(outcome: str) -> None:
    story = silent_from(5)
    story.given(called(call_id(story), at(6, 10), outcome), received_at=at(6, 10, 5)).until(at(9, 0))
    assert emitted(story, LostToFollowUp)


def test_f3_a_refusal_is_contact_though_it_settles_nothing() -> None:
    story = silent_from(5)
    story.given(called(call_id(story), at(6, 10), "refused"), received_at=at(6, 10, 5)).until(at(9, 0))
    assert not emitted(story, LostToFollowUp)
    assert story.state.conclusions.plans[0].status.state == "running"


def test_f3_a_log_after_lost_resumes_the_follow_up_and_settles_only_its_day() -> None:
    story = silent_from(5).until(at(11, 0))
    story.when(log(11), received_at=at(11, 9)).then(QuarantineDayLogged, (FollowUpResumed, {"why": "contact"}))
    assert story.emitted[-1].time == at(11, 9)
    assert story.state.conclusions.plans[0].missed == (5, 6, 7, 8, 9, 10)


def test_f3_while_lost_days_are_missed_and_nobody_calls() -> None:
    story = silent_from(5).until(at(9, 0)).until(at(12, 0))
    assert set(names(story)) == {"QuarantineDayMissed"}
    assert [missed.day for missed in emitted(story, QuarantineDayMissed)] == [9, 10, 11]


def test_f3_days_left_unsettled_after_a_loss_are_asked_about_again_72_hours_after_the_contact() -> None:
    story = happening(silent_from(5).until(at(11, 0)), log(11, reported_at=at(11, 7, 59)), *logs(12, 13))
    story.until(at(14, 7, 59)).stays_quiet()
    (call,) = emitted(story.until(at(14, 8)), CallRequested)
    assert (call.attempt, call.days, call.call_by) == (1, (5, 6, 7, 8, 9, 10), at(15, 0))


def test_f3_a_day_missed_after_a_loss_opens_a_ladder_at_its_midnight() -> None:
    story = silent_from(5).until(at(11, 0)).given(log(11), received_at=at(11, 9)).until(at(13, 0))
    assert [(call.attempt, call.days) for call in emitted(story, CallRequested)] == [(1, (5, 6, 7, 8, 9, 10, 12))]


def test_f3_somebody_found_can_be_lost_again() -> None:
    story = silent_from(5).until(at(9, 0)).given(log(9), received_at=at(9, 9)).until(at(13, 23))
    assert not emitted(story, LostToFollowUp)
    assert [lost.why for lost in emitted(story.until(at(14, 0)), LostToFollowUp)] == ["no_contact"]
    assert story.emitted[-1].time == at(14, 0)


def test_f3_a_ladder_climbed_in_vain_with_contact_opens_again_72_hours_later() -> None:
    story = silent_from(5)
    story.given(called(call_id(story), at(6, 10), "refused"), received_at=at(6, 10, 5))
    story.given(called(at_home(story), at(6, 15), "no_answer"), received_at=at(6, 16))
    happening(story, *logs(6, 8), log(9)).until(at(9, 15, 59)).stays_quiet()
    story.until(at(9, 16)).then((CallRequested, {"attempt": 1, "days": [5]}))
    assert emitted(story, CallRequested)[0].call_by == at(10, 0)


def test_f3_a_late_log_before_that_leaves_nothing_to_ask() -> None:
    story = silent_from(5)
    story.given(called(call_id(story), at(6, 10), "refused"), received_at=at(6, 10, 5))
    story.given(called(at_home(story), at(6, 15), "no_answer"), received_at=at(6, 16))
    happening(story, *logs(6, 8), log(5, reported_at=at(8, 9)), *logs(9, 14)).until(at(15, 0))
    assert story.state.conclusions.plans[0].status.state == "completed"
    assert len(story.state.conclusions.plans[0].calls) == 2


def test_f3_a_return_visit_that_is_attended_is_a_conversation() -> None:
    story = silent_from(5)
    story.when(visited("week_2", at(6, 10)), received_at=at(6, 11))
    assert {call.outcome for call in emitted(story, CallCompleted)} == {"withdrawn"}
    assert story.state.conclusions.plans[0].visits[0].attended_at == at(6, 10)


def test_f3_a_call_reported_as_reached_and_corrected_goes_on_with_the_ladder() -> None:
    story = silent_from(5)
    reached = called(call_id(story), at(6, 10))
    story.given(reached, received_at=at(6, 11))
    story.when(called(call_id(story), at(6, 10), "no_answer"), received_at=at(6, 12))
    story.then((CallCompleted, {"outcome": "no_answer"}), (CallRequested, {"attempt": 2}))


def test_f8_a_ladder_left_while_the_plan_was_cancelled_loses_nobody() -> None:
    story = silent_from(5).given(revoked(at(6, 9)), received_at=at(6, 10)).given(discharged(), received_at=at(8))
    assert not emitted(story.until(at(9, 0)), LostToFollowUp)


def test_f8_a_plan_lost_and_then_revoked_is_cancelled_and_found_lost_again_when_it_revives() -> None:
    story = silent_from(5).until(at(10, 0)).given(revoked(at(10, 9)), received_at=at(10, 10))
    story.when(discharged(), received_at=at(10, 12)).then((FollowUpResumed, {"why": "revived"}), LostToFollowUp)


def test_f8_lost_at_the_plans_end_is_still_lost_and_the_contact_says_that_it_is_held() -> None:
    story = silent_from(5).until(at(20, 0))
    assert story.state.conclusions.plans[0].status.state == "lost"
    story.when(called("hotline-1", at(20, 10), "refused"), received_at=at(20, 11))
    assert names(story)[-2:] == ["FollowUpResumed", "QuarantineHeld"]
    story.until(at(23, 11))
    asked = [call for call in emitted(story, CallRequested) if call.why == "day_missed"]
    assert [call.days for call in asked] == [tuple(range(5, 15))]
