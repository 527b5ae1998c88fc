"""F8: cancelled before all else; what passes meanwhile is skipped for good."""

import pytest

from schemas.events.discharge import Discharged
from schemas.events.followup import (
    CallCompleted,
    CallRequested,
    FollowUpResumed,
    HealthAlertRaised,
    QuarantineCancelled,
    QuarantineCompleted,
    QuarantineDayLogged,
    QuarantineDayMissed,
    QuarantineStarted,
    RetestedPositive,
)
from tests.domain.followup.journeys import (
    COUGH,
    POSITIVE,
    RECEIVED_AT,
    RETURNED,
    at,
    called,
    discharged,
    log,
    observed,
    revoked,
    visited,
)
from tests.domain.followup.stories import call_id, happening, home, logged, unknown


def test_f8_a_revoked_discharge_cancels_the_plan() -> None:
    story = happening(home(), log(1)).when(revoked(at(2)), received_at=at(2, 10))
    story.then((QuarantineCancelled, {"why": "revoked"}))
    assert story.emitted[0].time == at(2)


def test_f8_a_death_cancels_the_plan() -> None:
    died = discharged(at(5, 4), "died")
    happening(home(), *logged(1, 4)).when(died, received_at=at(5, 6)).then((QuarantineCancelled, {"why": "died"}))


def test_f8_a_discharge_that_was_a_transfer_cancels_the_plan() -> None:
    home().when(discharged(disposition="transferred"), received_at=at(0, 12)).then(
        (QuarantineCancelled, {"why": "revoked"})
    )


def test_f8_the_earliest_of_what_cancels_a_plan_is_why() -> None:
    story = happening(home(), *logged(1, 8)).given(
        POSITIVE, log(7, celsius=38.5, reported_at=at(7, 21)), received_at=at(8)
    )
    story.when(revoked(at(5)), received_at=at(9)).then(
        (QuarantineCancelled, {"why": "revoked"}),
        (HealthAlertRaised, {"why": "positive_test", "withdrawn": True}),
        (HealthAlertRaised, {"why": "fever", "withdrawn": True}),
    )


def test_f8_a_cancelled_plan_misses_no_days() -> None:
    home().given(revoked(at(1, 12)), received_at=at(1, 13)).until(at(30)).stays_quiet()


def test_f8_what_was_missed_before_the_cancellation_stays_missed_and_its_call_is_withdrawn() -> None:
    story = happening(home(), *logged(1, 4)).until(at(6, 0))
    story.when(revoked(at(6, 9)), received_at=at(6, 10)).then(
        QuarantineCancelled, (CallCompleted, {"call_id": call_id(story), "outcome": "withdrawn"})
    )
    assert story.state.conclusions.plans[0].missed == (5,)


def test_f8_a_revoked_discharge_said_again_revives_the_plan() -> None:
    story = home().given(revoked(at(2)), log(1), received_at=at(2, 10))
    story.when(discharged(), received_at=at(2, 12)).then(FollowUpResumed, (QuarantineCancelled, {"withdrawn": True}))
    story.until(at(3, 0)).then((QuarantineDayMissed, {"day": 2}), CallRequested)


def test_f8_deadlines_that_passed_while_cancelled_are_skipped_for_good() -> None:
    story = (
        happening(home(), log(1))
        .given(revoked(at(2)), received_at=at(2, 10))
        .given(discharged(), received_at=at(5, 12))
    )
    happening(story, *logged(5, 14)).until(at(15, 0))
    story.then((QuarantineCompleted, {"days_logged": 11, "days_missed": 0}))


@pytest.mark.parametrize("left", [discharged(at(8, 4), "died"), discharged(at(9, 4), "transferred")])
def test_f8_a_cancellation_that_moves_to_a_later_instant_leaves_skipped_what_had_passed(left: Discharged) -> None:
    """Back in hospital since day 2, and dead there on day 8: nobody had been asked at home."""
    story = happening(home(), log(1)).given(revoked(at(2)), received_at=at(2, 10)).until(at(9, 12)).stays_quiet()
    why = "died" if left.disposition == "died" else "revoked"
    story.when(left, received_at=at(9, 13)).then((QuarantineCancelled, {"why": why}))
    assert story.emitted[0].time == left.discharged_at
    story.until(at(40)).stays_quiet()


def test_f8_so_does_a_readmission_of_which_the_first_evidence_is_taken_back() -> None:
    story = happening(home(), *logged(1, 6), POSITIVE).given(log(7, celsius=38.5), received_at=at(7, 20))
    story.given(observed(at(10), COUGH), received_at=at(10, 12))
    story.when(log(7, celsius=36.5), received_at=at(10, 13)).then(
        QuarantineDayLogged,
        (QuarantineCancelled, {"why": "readmitted"}),
        (RetestedPositive, {"branch": "readmit"}),
        (HealthAlertRaised, {"why": "symptoms"}),
        (HealthAlertRaised, {"why": "fever", "withdrawn": True}),
    )
    assert story.state.conclusions.plans[0].status.since == at(10)
    assert story.state.conclusions.plans[0].missed == ()


def test_f8_what_was_skipped_then_stays_skipped_when_the_plan_revives_after_all() -> None:
    died = discharged(at(8, 4), "died")
    story = happening(home(), log(1)).given(revoked(at(2)), received_at=at(2, 10)).given(died, received_at=at(9))
    story.given(discharged(at(8, 4), "died", withdrawn=True), received_at=at(11, 12))
    assert story.state.conclusions.plans[0].status.state == "running"
    story.until(at(12, 0)).then((QuarantineDayMissed, {"day": 11}), (CallRequested, {"days": [11]}))
    assert story.state.conclusions.plans[0].missed == (11,)


def test_f8_a_call_whose_time_passed_before_the_cancellation_moved_is_withdrawn_and_never_lapses() -> None:
    story = happening(home(), *logged(1, 4)).until(at(6, 0)).given(revoked(at(6, 9)), received_at=at(6, 10))
    story.given(discharged(at(9, 4), "died"), received_at=at(9, 6))
    assert [call.outcome for call in story.state.conclusions.plans[0].calls] == ["withdrawn"]
    assert story.state.conclusions.plans[0].missed == (5,)


def test_f8_a_time_that_nobody_asked_about_until_the_plan_had_revived_is_skipped_all_the_same() -> None:
    """A call that had reached the patient is corrected long after: those after it were never to be made."""
    story = happening(home(), *logged(1, 4)).until(at(6, 0))
    story.given(called(call_id(story), at(6, 8)), received_at=at(6, 9)).given(revoked(at(6, 12)), received_at=at(6, 13))
    happening(story.given(discharged(), received_at=at(8, 7)), *logged(8, 9)).until(at(10, 9))
    story.given(called(call_id(story), at(6, 8), "no_answer"), received_at=at(10, 10))
    assert [call.outcome for call in story.state.conclusions.plans[0].calls] == ["no_answer", "withdrawn"]
    assert story.state.conclusions.plans[0].status.state == "running"


def test_f8_a_plan_that_the_next_one_ended_skips_what_had_passed_when_that_one_is_taken_back() -> None:
    story = (
        happening(home(), *logged()).until(at(15, 1)).given(discharged(at(15, 10), episode=2), received_at=at(15, 11))
    )
    story.given(discharged(at(15, 10), episode=2, withdrawn=True), received_at=at(17, 12))
    assert story.state.conclusions.plans[0].status.state == "completed"
    assert story.state.conclusions.plans[0].visits[0].missed_at is None


def test_f7_f8_a_held_plan_that_revives_where_reading_lags_is_looked_at_again() -> None:
    """The midnight that is not read up to yet was skipped, and those after it are not."""
    story = happening(home(), *logged(but=(5,)), visited("week_2", at(4))).until(at(15, 1))
    story.given(revoked(at(15, 2)), log(5, reported_at=at(15, 20)), received_at=at(15, 21))
    story.when(discharged(), received_at=at(16, 0, 1), watermark=at(15, 23, 59))
    story.until(at(17, 0))
    assert story.state.conclusions.plans[0].status.state == "completed"


def test_f8_a_midnight_that_passed_while_cancelled_is_skipped_also_where_reading_lags() -> None:
    """Otherwise the patient would be called about a day on which nobody had asked for a log."""
    story = happening(home(), *logged(1, 4)).given(revoked(at(5, 9)), received_at=at(5, 10))
    story.when(discharged(), received_at=at(6, 0, 1), watermark=at(5, 23, 59)).then(
        FollowUpResumed, (QuarantineCancelled, {"withdrawn": True})
    )
    story.until(at(6, 1)).stays_quiet()
    story.until(at(7, 0)).then((QuarantineDayMissed, {"day": 6}), (CallRequested, {"days": [6]}))


def test_f8_a_call_whose_time_passed_while_cancelled_is_not_asked_for_again() -> None:
    story = happening(home(), *logged(1, 4)).until(at(6, 0)).given(revoked(at(6, 9)), received_at=at(6, 10))
    story.given(discharged(), received_at=at(8))
    story.until(at(9, 0)).then((QuarantineDayMissed, {"day": 8}), (CallRequested, {"days": [5, 8]}))


def test_f8_a_call_whose_time_lies_ahead_is_asked_for_again_when_the_plan_revives() -> None:
    story = happening(home(), *logged(1, 4)).until(at(6, 0)).given(revoked(at(6, 9)), received_at=at(6, 10))
    story.when(discharged(), received_at=at(6, 12))
    story.then(CallRequested, FollowUpResumed, (QuarantineCancelled, {"withdrawn": True}))


def test_f7_f8_a_plan_whose_end_passed_while_cancelled_ends_at_the_first_midnight_after() -> None:
    story = (
        happening(home(), *logged(1, 12))
        .given(revoked(at(13)), received_at=at(13, 10))
        .given(discharged(), received_at=at(18))
    )
    story.until(at(18, 23)).stays_quiet()
    story.until(at(19, 0)).then((QuarantineCompleted, {"days_logged": 12}))
    assert story.emitted[0].time == at(19, 0)
    story.until(at(29, 23)).stays_quiet()


def test_f7_f8_days_left_unsettled_by_a_cancellation_open_a_ladder_at_the_end() -> None:
    story = happening(home(), *logged(1, 12)).until(at(14, 0)).given(revoked(at(14, 9)), received_at=at(14, 10))
    story.given(discharged(), received_at=at(18)).until(at(19, 0))
    assert [type(emitted.event).__name__ for emitted in story.emitted] == ["CallRequested", "QuarantineHeld"]
    assert story.emitted[0].event.days == (13,)


def test_f7_f8_a_held_plan_whose_ladder_was_left_while_it_was_cancelled_opens_another_when_it_revives() -> None:
    story = happening(home(), *logged(1, 13), RETURNED).until(at(15, 0))
    story.given(revoked(at(15, 9)), received_at=at(15, 10)).given(discharged(), received_at=at(22, 10))
    story.until(at(22, 23, 59)).stays_quiet()
    story.until(at(23, 0)).then((CallRequested, {"attempt": 1, "days": [14], "call_by": at(24, 0).isoformat()}))
    story.until(at(26, 0))
    assert story.state.conclusions.plans[0].status.state == "lost"


def test_f7_f8_so_does_one_that_was_cancelled_when_another_ladder_was_to_open() -> None:
    story = happening(home(), *logged(1, 13), RETURNED).until(at(15, 0))
    for which, outcome in enumerate(("refused", "no_answer")):
        story.given(called(call_id(story, which), at(15, 10), outcome), received_at=at(15, 11))
    story.given(revoked(at(17, 9)), received_at=at(17, 10)).given(discharged(), received_at=at(22, 10))
    story.until(at(23, 0)).then((CallRequested, {"attempt": 1, "days": [14]}))


def test_f7_f8_one_whose_days_were_settled_meanwhile_completes_and_calls_nobody() -> None:
    story = happening(home(), *logged(1, 13), RETURNED).until(at(15, 0))
    story.given(revoked(at(15, 9)), received_at=at(15, 10)).given(log(14, reported_at=at(20)), received_at=at(20, 1))
    story.given(discharged(), received_at=at(22, 10)).until(at(23, 0))
    assert story.state.conclusions.plans[0].status.state == "completed"
    assert not [emitted for emitted in story.emitted if isinstance(emitted.event, CallRequested)]


def test_f8_a_revocation_that_comes_before_its_discharge_cancels_it_all_the_same() -> None:
    story = unknown().when(revoked(at(0, 12)), received_at=RECEIVED_AT, sequence=2).stays_quiet()
    story.when(discharged(), received_at=RECEIVED_AT, sequence=1)
    story.then(QuarantineStarted, (QuarantineCancelled, {"why": "revoked"}))


def test_f8_a_discharge_event_that_is_withdrawn_takes_its_plan_back() -> None:
    home().when(discharged(withdrawn=True), received_at=at(0, 12)).then((QuarantineStarted, {"withdrawn": True}))


def test_f8_a_revocation_that_is_withdrawn_revives_the_plan() -> None:
    story = home().given(revoked(at(1)), received_at=at(1, 10))
    story.when(revoked(at(1), withdrawn=True), received_at=at(1, 11))
    story.then(FollowUpResumed, (QuarantineCancelled, {"withdrawn": True}))
