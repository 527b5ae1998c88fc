"""F3: a day without a log is missed, a ladder opens, and what settles the day."""

from datetime import timedelta

from schemas.events.followup import (
    CallCompleted,
    CallRequested,
    HomeVisitRequested,
    QuarantineCompleted,
    QuarantineDayLogged,
    QuarantineDayMissed,
)
from tests.domain.followup.journeys import RETURNED, TESTED, at, called, discharged, log
from tests.domain.followup.stories import call_id, emitted, happening, home, logged, names, reported_at, unknown
from tests.domain.story import Story


def silent_on(*days: int, until: int) -> Story:
    """Every day up to `until` is logged but for some; it is the morning after."""
    story = happening(home(), *logged(1, until, but=days))
    return story.until(at(until + 1, 0))


def test_f3_a_day_without_a_log_is_missed_at_its_midnight_and_a_call_is_asked_for() -> None:
    story = happening(home(), *logged(1, 4)).until(at(6, 0))
    story.then(
        (QuarantineDayMissed, {"day": 5, "local_date": "2020-10-22"}),
        (CallRequested, {"why": "day_missed", "days": [5], "attempt": 1, "call_by": "2020-10-24T00:00:00+08:00"}),
    )
    assert {emitted.time for emitted in story.emitted} == {at(6, 0)}


def test_f3_a_day_with_one_log_is_logged() -> None:
    happening(home(), log(1, "pm")).until(at(2, 23)).stays_quiet()


def test_f3_a_second_before_midnight_nothing_is_missed() -> None:
    home().until(at(1, 23, 59, 59)).stays_quiet()


def test_f3_a_late_log_settles_the_day_and_does_not_undo_the_miss() -> None:
    story = silent_on(5, until=5)
    story.when(log(5), received_at=at(6, 9)).then(
        (QuarantineDayLogged, {"day": 5, "late": True}),
        (CallCompleted, {"call_id": call_id(story), "outcome": "withdrawn"}),
    )
    happening(story, *logged(6, 14)).until(at(15))
    counts = story.state.conclusions.plans[0].status.counts
    assert (counts.logged, counts.missed, counts.reached_by_phone) == (14, 1, 0)


def test_f3_a_log_of_today_settles_nothing_of_yesterday() -> None:
    silent_on(5, until=5).when(log(6), received_at=at(6, 9)).then(QuarantineDayLogged)


def test_f3_a_call_that_reaches_somebody_settles_the_day() -> None:
    story = silent_on(5, until=5)
    reported = called(call_id(story), at(6, 11), temperature_c=36.7)
    emitted = {"outcome": "reached", "called_at": "2020-10-23T11:00:00+08:00"}
    story.when(reported, received_at=at(6, 12)).then((CallCompleted, emitted))
    happening(story, *logged(6, 7)).until(at(8))
    assert story.state.conclusions.plans[0].missed == (5,)


def test_f3_a_call_under_an_unknown_id_that_reaches_somebody_settles_the_day_too() -> None:
    story = silent_on(5, until=5)
    story.when(called("hotline-1", at(6, 11)), received_at=at(6, 12))
    story.then((CallCompleted, {"call_id": call_id(story), "outcome": "withdrawn"}))


def test_f3_a_call_before_the_days_end_settles_nothing() -> None:
    story = happening(home(), *logged(1, 4)).given(called("hotline-1", at(5, 15)), received_at=at(5, 16))
    story.until(at(6, 0)).then(QuarantineDayMissed, CallRequested)


def test_f3_a_call_that_reaches_nobody_is_completed_and_settles_nothing() -> None:
    story = silent_on(5, until=5)
    story.when(called(call_id(story), at(6, 11), "no_answer"), received_at=at(6, 12))
    story.then((CallCompleted, {"outcome": "no_answer"}), (CallRequested, {"attempt": 2, "days": [5]}))
    happening(story, *logged(6, 14)).until(at(15))
    assert story.state.conclusions.plans[0].status.missing == (5,)


def test_f3_a_call_not_reported_by_the_end_of_the_opening_day_has_lapsed() -> None:
    story = silent_on(5, until=6)
    story.then((CallCompleted, {"call_id": call_id(story), "outcome": "lapsed"}), (CallRequested, {"attempt": 2}))
    assert {emitted.time for emitted in story.emitted} == {at(7, 0)}


def test_f3_a_call_reported_a_second_before_its_deadline_has_not_lapsed() -> None:
    story = happening(silent_on(5, until=5), log(6))
    story.when(called(call_id(story), at(6, 23)), received_at=at(6, 23, 59, 59)).then(
        (CallCompleted, {"outcome": "reached"})
    )
    story.until(at(7, 12)).stays_quiet()


def test_f3_a_call_reported_after_it_lapsed_is_answered_and_the_lapse_stays_done() -> None:
    story = silent_on(5, until=6)
    story.when(called(call_id(story), at(6, 23)), received_at=at(7, 1)).then(
        (CallCompleted, {"call_id": call_id(story), "outcome": "reached"}),
        (CallCompleted, {"call_id": call_id(story, 1), "outcome": "withdrawn"}),
    )
    assert "lapsed" in story.state.conclusions.done.values()


def test_f3_a_corrected_call_is_judged_by_when_it_first_came() -> None:
    story = happening(silent_on(5, until=5), log(6))
    story.given(called(call_id(story), at(6, 11)), received_at=at(6, 12))
    story.when(called(call_id(story), at(6, 11), temperature_c=36.9), received_at=at(7, 9)).stays_quiet()
    assert "lapsed" not in story.state.conclusions.done.values()


def test_f3_one_ladder_at_a_time_covers_what_is_missed_while_it_is_open() -> None:
    story = happening(home(), *logged(1, 4)).until(at(7, 12))
    story.then(
        (QuarantineDayMissed, {"day": 5}),
        (CallRequested, {"attempt": 1, "days": [5]}),
        (QuarantineDayMissed, {"day": 6}),
        (CallCompleted, {"outcome": "lapsed"}),
        (CallRequested, {"attempt": 2, "days": [5, 6]}),
        (CallCompleted, {"outcome": "lapsed"}),
        (CallRequested, {"attempt": 3, "days": [5, 6]}),
    )


def test_f3_a_ladder_ends_only_when_all_it_covers_is_settled() -> None:
    story = silent_on(5, 6, until=6)
    story.given(log(6, reported_at=at(7, 8)), received_at=at(7, 9)).until(at(8, 0))
    story.then(
        (QuarantineDayMissed, {"day": 7}),
        (CallCompleted, {"outcome": "lapsed"}),
        (CallRequested, {"attempt": 3}),
        (CallCompleted, {"outcome": "lapsed"}),
        (HomeVisitRequested, {"days": [5, 7]}),
    )


def test_f3_after_a_ladder_has_ended_the_next_miss_opens_another() -> None:
    story = silent_on(5, until=5)
    happening(story, called(call_id(story), at(6, 11)), *logged(6, 6)).until(at(8, 0))
    story.then((QuarantineDayMissed, {"day": 7}), (CallRequested, {"days": [7]}))
    assert call_id(story, 0) != call_id(story, 1)


def test_f3_a_late_tick_finds_what_a_punctual_one_would_have_found() -> None:
    messages = sorted([*logged(1, 14, but=(5, 6, 9)), log(5, reported_at=at(8, 9))], key=reported_at)
    punctual = happening(home(), *messages).until(at(16)).state
    late = home()
    for message in messages:
        late.when(message, received_at=reported_at(message) + timedelta(minutes=1), watermark=at(0, 11))
    assert late.until(at(16)).state.conclusions == punctual.conclusions


def test_f3_days_that_ended_before_the_discharge_was_known_are_unknown_and_a_call_is_asked_for_at_once() -> None:
    story = happening(unknown(), *logged(1, 4, but=(2,))).when(discharged(), received_at=at(5, 9))
    assert not emitted(story, QuarantineDayMissed)
    (call,) = emitted(story, CallRequested)
    assert (call.why, call.days, call.call_by) == ("day_unknown", (2,), at(6, 0))
    assert story.state.conclusions.plans[0].unknown == (2,)


def test_f3_nobody_is_lost_before_a_call_was_asked_for() -> None:
    """Told 7 days late: nobody was asked for days 1 to 6."""
    story = unknown().when(discharged(), received_at=at(7, 10))
    assert names(story) == ["QuarantineStarted", "CallRequested"]
    story.until(at(10, 9, 59))
    assert story.state.conclusions.plans[0].status.state == "running"
    story.until(at(10, 10))
    assert story.state.conclusions.plans[0].status.since == at(10, 10)
    assert story.state.conclusions.plans[0].missed == (7, 8, 9)


def test_f3_f7_unknown_days_of_which_somebody_spoke_are_counted_as_unknown() -> None:
    story = unknown().given(*TESTED, received_at=at(3, 8)).when(discharged(), received_at=at(3, 10))
    happening(story, called(call_id(story), at(3, 11)), *logged(3, 14), RETURNED).until(at(15, 0)).then(
        (QuarantineCompleted, {"days_logged": 12, "days_missed": 0, "days_reached_by_phone": 0, "days_unknown": 2})
    )


def test_f3_an_unknown_day_that_nobody_spoke_of_holds_the_plan() -> None:
    story = unknown().given(*TESTED, received_at=at(3, 8)).when(discharged(), received_at=at(3, 10))
    happening(story, *logged(3, 14)).until(at(15, 0))
    assert story.state.conclusions.plans[0].status.missing == (1, 2)


def test_f3_a_discharge_known_within_a_day_leaves_no_day_unknown() -> None:
    story = unknown().when(discharged(), received_at=at(1, 23, 59))
    assert names(story) == ["QuarantineStarted"]
    story.until(at(2, 0)).then((QuarantineDayMissed, {"day": 1}), (CallRequested, {"why": "day_missed"}))
