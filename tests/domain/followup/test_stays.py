"""F8: another stay in hospital pauses the plan: nothing is asked, and its days count as spent there."""

import pytest

from schemas.events.followup import (
    CallCompleted,
    CallRequested,
    LostToFollowUp,
    QuarantineCancelled,
    QuarantineCompleted,
    QuarantineDayMissed,
    QuarantineHeld,
    QuarantinePaused,
    QuarantineResumed,
    ReturnVisitMissed,
)
from tests.domain.followup.journeys import RETURNED, admitted, at, called, log, stay_ended, visited
from tests.domain.followup.stories import call_id, emitted, happening, home, logged, names
from tests.domain.story import Story

ADMITTED = admitted(at(5, 10))


def in_hospital(until: int) -> Story:
    """Admitted for another reason on day 5."""
    story = happening(home(), *logged(1, 4)).given(ADMITTED, received_at=at(5, 11))
    return story.until(at(until, 1))


def test_f8_an_admission_that_no_re_positive_explains_pauses_the_plan() -> None:
    story = happening(home(), *logged(1, 4)).when(ADMITTED, received_at=at(5, 11))
    story.then((QuarantinePaused, {"why": "in_hospital", "institution_id": "CN-SH/other", "district": "Pudong"}))
    assert story.emitted[0].time == at(5, 10)
    story.until(at(60)).stays_quiet()


def test_f8_days_spent_in_hospital_are_not_missed_and_count_as_spent_there() -> None:
    story = in_hospital(9).when(stay_ended(at(5, 10), at(9, 15)), received_at=at(9, 16)).then(QuarantineResumed)
    happening(story, *logged(10, 14), RETURNED).until(at(15, 0)).then(
        (QuarantineCompleted, {"days_logged": 9, "days_missed": 0, "days_in_hospital": 5, "days_reached_by_phone": 0})
    )


def test_f8_a_plan_whose_end_passed_in_hospital_ends_at_the_first_midnight_at_home() -> None:
    story = in_hospital(20).when(stay_ended(at(5, 10), at(20, 15)), received_at=at(20, 16)).then(QuarantineResumed)
    story.until(at(21, 0)).then((QuarantineCompleted, {"days_logged": 4, "days_in_hospital": 10}))


def test_f8_back_in_the_ward_the_same_evening_pauses_the_plan_too() -> None:
    story = home().when(admitted(at(0, 18)), received_at=at(0, 19)).then(QuarantinePaused)
    story.until(at(40)).stays_quiet()


def test_f8_a_call_that_was_open_is_asked_for_no_more() -> None:
    story = happening(home(), *logged(1, 3)).until(at(5, 0))
    story.when(ADMITTED, received_at=at(5, 11)).then(
        QuarantinePaused, (CallCompleted, {"call_id": call_id(story), "outcome": "withdrawn"})
    )
    story.until(at(30)).stays_quiet()


def test_f8_a_visit_and_a_re_test_that_fell_in_the_stay_are_never_missed() -> None:
    story = happening(home(tested=False), *logged(1, 12)).given(admitted(at(13, 10)), received_at=at(13, 11))
    story.given(stay_ended(at(13, 10), at(17, 10)), received_at=at(17, 11)).until(at(18, 0))
    assert not emitted(story, ReturnVisitMissed)
    assert story.state.conclusions.plans[0].visits[0].missed_at is None
    assert [test.day for test in story.state.conclusions.plans[0].tests if test.missed_at] == [7]


def test_f8_an_admission_told_late_settles_the_days_spent_there_and_the_misses_stay() -> None:
    story = happening(home(), *logged(1, 4)).until(at(7, 1))
    assert story.state.conclusions.plans[0].missed == (5, 6)
    story.when(ADMITTED, received_at=at(7, 9))
    assert {"QuarantinePaused", "CallCompleted"} == set(names(story))
    story.given(stay_ended(at(5, 10), at(7, 12)), received_at=at(7, 13))
    happening(story, *logged(8, 14), RETURNED).until(at(15, 0)).then(
        (QuarantineCompleted, {"days_logged": 11, "days_missed": 2, "days_in_hospital": 3})
    )


def test_f8_a_day_before_the_stay_stays_unsettled_and_holds_the_plan() -> None:
    story = happening(home(), *logged(1, 3)).given(ADMITTED, received_at=at(5, 11))
    story.given(stay_ended(at(5, 10), at(7, 12)), received_at=at(7, 13))
    happening(story, *logged(8, 14)).until(at(15, 0)).then(
        (QuarantineHeld, {"missing": ["day 4"]}), (CallRequested, {"days": [4]})
    )


def test_f8_a_lost_patient_is_found_in_hospital() -> None:
    story = happening(home(), *logged(1, 4)).until(at(10, 1))
    assert story.state.conclusions.plans[0].status.state == "lost"
    story.when(admitted(at(10, 9)), received_at=at(10, 10)).then(QuarantinePaused)
    story.when(stay_ended(at(10, 9), at(12, 9)), received_at=at(12, 10)).then(QuarantineResumed)
    assert not emitted(story.until(at(13, 0)), LostToFollowUp)


def test_f8_an_admission_that_was_cancelled_resumes_the_plan() -> None:
    story = in_hospital(6)
    story.when(admitted(at(5, 10), withdrawn=True), received_at=at(6, 9)).then((QuarantinePaused, {"withdrawn": True}))
    assert story.state.conclusions.plans[0].status.state == "running"
    story.until(at(7, 0)).then((QuarantineDayMissed, {"day": 6}), CallRequested)


def test_f8_a_stay_that_ends_without_its_own_admission_ends_the_one_before() -> None:
    """Moved between two houses: whoever is home from the second has left the first."""
    story = in_hospital(6).given(admitted(at(6, 15), institution_id="CN-SH/third"), received_at=at(6, 16))
    story.when(stay_ended(at(6, 15), at(8, 9)), received_at=at(8, 10)).then(QuarantineResumed)


def test_f8_a_death_in_another_stay_ends_the_plan() -> None:
    story = in_hospital(6).when(stay_ended(at(5, 10), at(8, 9), disposition="died"), received_at=at(8, 10))
    story.then((QuarantineCancelled, {"why": "died"}))


@pytest.mark.parametrize("when", [at(0, 9), at(-5)])
def test_f8_an_admission_before_the_discharge_stays_quiet(when: object) -> None:
    home().when(admitted(when), received_at=at(0, 12)).stays_quiet()  # type: ignore[arg-type]


def test_f8_what_was_logged_before_the_stay_stays_on_record() -> None:
    story = in_hospital(6)
    emitted_names = [type(one.event).__name__ for one in story.kind.announce(story.kind.begin(), story.state)]
    assert emitted_names.count("QuarantineDayLogged") == 8


def test_f3_f8_a_log_from_the_ward_is_logged_all_the_same() -> None:
    story = in_hospital(6).when(log(6), received_at=at(6, 9))
    assert names(story) == ["QuarantineDayLogged"]


def test_f6_f8_a_stay_after_the_completion_pauses_what_is_left_and_the_completion_is_said_again() -> None:
    story = happening(home(), *logged(), RETURNED).until(at(20)).when(admitted(at(20, 10)), received_at=at(20, 11))
    story.then(QuarantinePaused)
    story.when(stay_ended(at(20, 10), at(22, 9)), received_at=at(22, 10)).then(QuarantineResumed, QuarantineCompleted)
    story.given(visited("week_4", at(28)), received_at=at(28, 10)).until(at(60)).stays_quiet()


def test_f3_a_call_that_reached_the_patient_in_a_ladder_that_opened_again_stands_after_the_completion() -> None:
    """Day 14 missed, two refusals, reached 72 h later: the call is what settled day 14."""
    story = happening(home(), *logged(1, 13), RETURNED).until(at(15, 0))
    story.given(called(call_id(story), at(15, 1), "refused"), received_at=at(15, 1, 1))
    story.given(called(call_id(story, -1), at(15, 2), "refused"), received_at=at(15, 2, 1)).until(at(18, 2, 30))
    reached = call_id(story, -1)
    story.given(called(reached, at(18, 3)), received_at=at(18, 3, 1)).until(at(19, 0))
    story.then((QuarantineCompleted, {"days_logged": 13, "days_reached_by_phone": 1}))
    assert [call.outcome for call in story.state.conclusions.plans[0].calls] == ["refused", "refused", "reached"]
    assert story.state.conclusions.plans[0].calls[-1].call_id == reached
