"""F7: at its end a plan is completed or held, never in silence."""

from schemas.events.followup import (
    CallCompleted,
    CallRequested,
    QuarantineCompleted,
    QuarantineDayLogged,
    QuarantineDayMissed,
    QuarantineHeld,
    QuarantineStarted,
)
from tests.domain.followup.journeys import POSITIVE, RETURNED, TESTED, at, called, discharged, log, retested, visited
from tests.domain.followup.stories import call_id, emitted, happening, home, logged, names, unknown


def test_f7_a_plan_with_every_day_logged_completes_at_its_midnight() -> None:
    story = happening(home(), *logged(), retested("r-7", at(7)), retested("r-14", at(14)))
    story.until(at(14, 23, 59, 59)).stays_quiet()
    story.until(at(15, 0))
    story.then((QuarantineCompleted, {"days_logged": 14, "days_missed": 0, "days_reached_by_phone": 0}))
    assert story.emitted[0].time == at(15, 0)


def test_f7_a_day_reached_by_phone_is_counted_as_such() -> None:
    story = happening(home(), *logged(1, 4)).until(at(6, 0))
    happening(story, called(call_id(story), at(6, 11)), *logged(6, 14)).until(at(15, 0))
    story.then((QuarantineCompleted, {"days_logged": 13, "days_missed": 1, "days_reached_by_phone": 1}))


def test_f7_a_plan_with_a_day_unsettled_is_held_once_and_says_which() -> None:
    story = happening(home(), *logged(but=(5,))).until(at(15, 0))
    assert [held.missing for held in emitted(story, QuarantineHeld)] == [("day 5",)]
    assert not emitted(story.until(at(25)), QuarantineHeld)


def test_f7_a_last_day_missed_is_missed_and_held_at_the_same_midnight() -> None:
    story = happening(home(), *logged(1, 13)).until(at(15, 0))
    story.then(QuarantineDayMissed, CallRequested, (QuarantineHeld, {"missing": ["day 14"]}))


def test_f7_a_held_plan_completes_at_the_midnight_after_it_was_settled() -> None:
    story = happening(home(), *logged(but=(5, 6))).until(at(16, 0))
    story.when(log(5, reported_at=at(16, 9)), received_at=at(16, 10)).then(QuarantineDayLogged)
    story.when(called("hotline-1", at(16, 11)), received_at=at(16, 11, 30))
    assert {call.outcome for call in emitted(story, CallCompleted)} == {"withdrawn"}
    story.until(at(16, 23)).stays_quiet()
    story.until(at(17, 0))
    story.then((QuarantineCompleted, {"days_logged": 13, "days_missed": 2, "days_reached_by_phone": 1}))
    assert story.emitted[0].time == at(17, 0)


def test_f7_a_plan_that_misses_more_days_than_can_be_listed_says_how_many_more() -> None:
    story = home().given(POSITIVE, received_at=at(0, 12))
    happening(story, *[called(f"hotline-{day}", at(day), "refused") for day in range(1, 120)]).until(at(120))
    story.given(retested("r-8", at(8)), retested("r-9", at(9)), received_at=at(120, 1)).until(at(121))
    (held,) = emitted(story, QuarantineHeld)
    named = ("day 98", "22 days more", "alert of day 7: positive_test")
    assert (len(held.missing), held.missing[97:]) == (100, named)


def test_f7_a_late_log_after_completion_restates_the_counts() -> None:
    story = happening(home(), *logged(1, 4)).until(at(6, 0))
    happening(story, called(call_id(story), at(6, 11)), *logged(6, 14)).until(at(16))
    story.when(log(5), received_at=at(16, 9)).then(
        QuarantineDayLogged,
        (QuarantineCompleted, {"days_logged": 14, "days_missed": 1, "days_reached_by_phone": 0}),
    )


def test_f7_a_completed_plan_asks_for_nothing_more() -> None:
    story = happening(home(), *logged(), RETURNED).until(at(15)).until(at(28)).stays_quiet()
    story.given(visited("week_4", at(28)), received_at=at(28, 12)).until(at(60)).stays_quiet()
    assert story.state.conclusions.due is None


def test_f7_a_plan_of_no_days_ends_at_the_midnight_of_the_discharge() -> None:
    story = unknown().when(discharged(protocol="v10"), received_at=at(0, 11)).then((QuarantineStarted, {"slots": []}))
    story.until(at(1, 0)).then((QuarantineCompleted, {"days_logged": 0, "days_missed": 0}))


def test_f7_a_discharge_learnt_after_the_plans_end_ends_it_at_once() -> None:
    story = unknown().given(*logged(), *TESTED, received_at=at(0, 20))
    story.when(discharged(), received_at=at(20))
    assert [type(emitted.event) for emitted in story.emitted][-1] is QuarantineCompleted
    assert story.emitted[-1].time == at(15, 0)


def test_f7_a_call_open_at_the_end_is_still_completed() -> None:
    story = happening(home(), *logged(1, 13)).until(at(15, 0))
    story.when(called(call_id(story), at(15, 11)), received_at=at(15, 12)).then((CallCompleted, {"outcome": "reached"}))
    assert "QuarantineCompleted" in names(story.until(at(16, 0)))
