"""F5: positive again: readmitted with symptoms, isolated without."""

from typing import Any

import pytest

from schemas.events.followup import (
    FollowUpResumed,
    HealthAlertRaised,
    QuarantineCancelled,
    QuarantineCompleted,
    QuarantineExtended,
    QuarantineHeld,
    RetestedPositive,
)
from schemas.message import Message
from tests.domain.followup.journeys import (
    COUGH,
    FATIGUE,
    FEVER,
    POSITIVE,
    RETURNED,
    at,
    called,
    corrected,
    discharged,
    imaged,
    log,
    measured,
    observed,
    retested,
    retracted,
    visited,
)
from tests.domain.followup.stories import acknowledged, emitted, happening, home, logged, names, unknown

RAISED = (HealthAlertRaised, {"why": "positive_test", "day": 7, "severity": "urgent", "evidence": ["r-7"]})
ISOLATION = (RetestedPositive, {"branch": "convalescent_isolation", "evidence": ["r-7"]})


def test_f5_a_positive_without_anything_else_is_convalescent_isolation() -> None:
    story = home().when(POSITIVE, received_at=at(0, 12)).then(ISOLATION, RAISED)
    assert {emitted.time for emitted in story.emitted} == {at(7, 15)}


@pytest.mark.parametrize(
    ("reported", "evidence"),
    [
        (log(7, celsius=37.3), "log@2020-10-24/am"),
        (log(6, "pm", symptoms=(COUGH,)), "log@2020-10-23/pm"),
        (measured(at(7, 10), 38.0, "rectal"), "vital_signs@2020-10-24T10:00:00+08:00"),
        (observed(at(8), FATIGUE, FEVER), "symptoms@2020-10-25T09:00:00+08:00"),
        (observed(at(8), "Chest pain"), "symptoms@2020-10-25T09:00:00+08:00"),
        (imaged("s-1", at(9)), "s-1"),
        (called("call-1", at(7, 12), temperature_c=37.4), "call-1"),
        (called("call-1", at(6, 0), symptoms=(FEVER,)), "call-1"),
    ],
)
def test_f5_a_positive_with_something_alarming_is_readmitted(reported: Message, evidence: str) -> None:
    story = home().given(reported, received_at=at(0, 12)).when(POSITIVE)
    readmit: dict[str, Any] = {"branch": "readmit", "evidence": ["r-7", evidence], "episode": 1}
    assert [(RetestedPositive, readmit)] == [
        (type(emitted.event), {name: emitted.event.model_dump(mode="json")[name] for name in readmit})
        for emitted in story.emitted
        if isinstance(emitted.event, RetestedPositive)
    ]
    assert any(
        isinstance(emitted.event, QuarantineCancelled) and emitted.event.why == "readmitted"
        for emitted in story.emitted
    )


@pytest.mark.parametrize(
    "reported",
    [
        log(7, celsius=37.2),
        log(7, celsius=37.4, temperature_site="ear"),
        log(5, celsius=38.5),
        log(7, symptoms=(FATIGUE,)),
        measured(at(7, 10), 37.9, "rectal"),
        measured(at(5, 23), 39.0),
        imaged("s-1", at(9), "same"),
        observed(at(5, 23, 59), COUGH),
    ],
)
def test_f5_what_is_not_alarming_or_too_early_leaves_the_branch(reported: Message) -> None:
    home().given(reported, received_at=at(0, 12)).when(POSITIVE).then(ISOLATION, RAISED)


def test_f5_a_fever_after_the_second_negative_leaves_the_branch() -> None:
    cured = retested("r-8", at(8)), retested("r-9", at(9))
    home().given(POSITIVE, *cured, received_at=at(0, 12)).when(measured(at(9, 10), 38.5)).then(HealthAlertRaised)


def test_f5_a_fever_before_the_second_negative_changes_the_branch() -> None:
    story = home().given(POSITIVE, retested("r-8", at(8)), retested("r-9", at(9)), received_at=at(0, 12))
    story.when(measured(at(9, 8), 38.5))
    story.then((RetestedPositive, {"branch": "readmit"}), QuarantineCancelled, (HealthAlertRaised, {"why": "fever"}))
    assert {emitted.time for emitted in story.emitted} == {at(9, 8)}


@pytest.mark.parametrize(
    "given",
    [
        {"specimen_type": "anal"},
        {"status": "preliminary"},
        {"result": "inconclusive"},
        {"test": "94558-4"},
        {"collected_at": at(0, 9), "resulted_at": at(0, 15)},
    ],
)
def test_f5_what_is_no_positive_retest_stays_quiet(given: dict[str, Any]) -> None:
    reported = retested("r-7", **{"when": at(7), "result": "detected", **given})
    home().when(reported, received_at=at(0, 16)).stays_quiet()


def test_f5_a_positive_corrected_to_negative_takes_everything_back() -> None:
    story = home().given(POSITIVE, log(7, celsius=38.5), received_at=at(0, 12))
    story.when(corrected(POSITIVE, at(8), result="not_detected")).then(
        (RetestedPositive, {"withdrawn": True, "branch": "readmit"}),
        (HealthAlertRaised, {"withdrawn": True, "why": "positive_test"}),
        FollowUpResumed,
        (QuarantineCancelled, {"withdrawn": True}),
    )


def test_i2_a_readmission_that_is_known_only_with_its_correction_is_said_as_taken_back_all_the_same() -> None:
    """Whoever had read the positive first ends with the same word: the readmission is taken back by its results."""
    fever, undone = log(7, celsius=38.5), corrected(POSITIVE, at(8), result="not_detected")
    in_turn = home().given(POSITIVE, fever, received_at=at(0, 12)).when(undone)
    at_once = home().given(fever, received_at=at(0, 12)).when(undone)
    first, second = (emitted(story, RetestedPositive)[-1] for story in (in_turn, at_once))
    assert first == second
    assert (first.branch, first.withdrawn, first.taken_back) == ("readmit", True, True)


def test_i2_a_readmission_whose_discharge_is_gone_was_not_taken_back_by_its_results() -> None:
    fever, undone = log(7, celsius=38.5), corrected(POSITIVE, at(8), result="not_detected")
    story = home().given(POSITIVE, fever, undone, received_at=at(0, 12)).when(discharged(withdrawn=True))
    (last,) = emitted(story, RetestedPositive)
    assert (last.withdrawn, last.taken_back) == (True, None)


def test_f5_a_retracted_positive_never_was() -> None:
    home().given(POSITIVE, received_at=at(0, 12)).when(retracted(POSITIVE, at(8))).then(
        (RetestedPositive, {"withdrawn": True}), (HealthAlertRaised, {"withdrawn": True})
    )


def test_f5_a_fever_corrected_away_changes_the_branch_back() -> None:
    story = home().given(POSITIVE, measured(at(7, 10), 38.0), received_at=at(0, 12))
    story.when(measured(at(7, 10), 36.8)).then(
        ISOLATION,
        FollowUpResumed,
        (QuarantineCancelled, {"withdrawn": True}),
        (HealthAlertRaised, {"withdrawn": True, "why": "fever"}),
    )


def test_f5_each_midnight_from_the_end_without_two_negatives_adds_a_day() -> None:
    story = happening(home(), *logged(), RETURNED, POSITIVE).until(at(14, 23)).stays_quiet()
    story.until(at(15, 0)).then((QuarantineExtended, {"days": 15, "last_day": "2020-11-01"}))
    happening(story, log(15)).until(at(16, 0)).then((QuarantineExtended, {"days": 16, "last_day": "2020-11-02"}))
    assert story.emitted[0].time == at(16, 0)


def isolated_until(second_negative: Message) -> list[str]:
    """What is said at the midnight after day 15 of a plan extended to it, with a negative on day 14 at 9:00."""
    messages = [*logged(1, 15), RETURNED, POSITIVE, retested("r-14", at(14)), second_negative]
    story = home(tested=False)
    happening(story, *[reported for reported in messages if reported is not second_negative])
    acknowledged(story, at(14, 22)).until(at(15, 0)).given(second_negative, received_at=at(15, 16)).until(at(16, 0))
    return names(story)


def test_f5_two_negatives_24_hours_apart_end_the_isolation() -> None:
    assert isolated_until(retested("r-15", at(15, 9))) == ["QuarantineCompleted"]


def test_f5_a_second_negative_after_23_h_59_min_is_not_enough() -> None:
    assert isolated_until(retested("r-15", at(15, 8, 59))) == ["QuarantineExtended"]


def test_f5_a_positive_between_two_negatives_starts_the_count_anew() -> None:
    cured = [retested("r-8", at(8)), retested("r-9", at(9), "detected"), retested("r-10", at(10))]
    happening(home(tested=False), *logged(1, 14), POSITIVE, *cured).until(at(15, 0)).then(QuarantineExtended)


def test_f5_two_negatives_before_the_end_add_no_day() -> None:
    cured = [retested("r-8", at(8)), retested("r-9", at(9))]
    story = happening(home(), *logged(1, 14), POSITIVE, *cured)
    acknowledged(story, at(14, 22)).until(at(15, 0)).then(QuarantineCompleted)


def test_f5_a_day_once_added_stays_when_the_second_negative_is_reported_late() -> None:
    tests = POSITIVE, retested("r-13", at(13)), retested("r-14", at(14, 8, 59))
    story = acknowledged(happening(home(tested=False), *logged(1, 15), RETURNED, *tests), at(15, 0))
    story.when(retested("r-9", at(14, 9)), received_at=at(15, 9)).stays_quiet()
    story.until(at(16, 0)).then((QuarantineCompleted, {"days_logged": 15}))


def test_f5_an_added_day_without_a_log_is_missed_like_any_other() -> None:
    story = acknowledged(happening(home(), *logged(1, 14), RETURNED, POSITIVE, retested("r-14", at(14))), at(14, 22))
    story.given(retested("r-15", at(15, 9)), received_at=at(15, 16)).until(at(16, 0))
    assert names(story) == ["QuarantineDayMissed", "CallRequested", "QuarantineHeld"]


def test_f5_a_positive_within_the_plan_reported_after_its_completion_reopens_it_from_the_next_midnight() -> None:
    story = happening(home(), *logged(), RETURNED).until(at(16, 10))
    story.when(POSITIVE, received_at=at(16, 11)).then(ISOLATION, RAISED)
    story.until(at(17, 0)).then(
        (QuarantineExtended, {"days": 17, "last_day": "2020-11-03"}), (QuarantineCompleted, {"withdrawn": True})
    )
    story.given(log(17), retested("r-8", at(8)), retested("r-9", at(9)), received_at=at(17, 10))
    acknowledged(story, at(17, 11)).until(at(18, 0)).then((QuarantineCompleted, {"days_logged": 15, "days_missed": 0}))


def test_f5_a_positive_in_aftercare_reopens_a_completed_plan_from_the_next_midnight() -> None:
    story = happening(home(), *logged(), RETURNED).until(at(20))
    story.when(retested("r-20", at(20), "detected"), received_at=at(20, 16)).then(RetestedPositive, HealthAlertRaised)
    story.until(at(21, 0)).then(
        (QuarantineExtended, {"days": 21, "last_day": "2020-11-07"}), (QuarantineCompleted, {"withdrawn": True})
    )


def test_f5_a_positive_after_aftercare_reopens_nothing() -> None:
    story = happening(home(), *logged(), RETURNED, visited("week_4", at(28))).until(at(29))
    story.when(retested("r-29", at(29), "detected"), received_at=at(29, 16)).stays_quiet()
    story.until(at(35)).stays_quiet()


def test_f5_a_positive_while_the_plan_is_held_adds_a_day() -> None:
    story = happening(home(), *logged(but=(5,))).until(at(16, 9))
    story.given(retested("r-16", at(16), "detected"), received_at=at(16, 15)).until(at(16, 23)).until(at(17, 0))
    assert [extended.days for extended in emitted(story, QuarantineExtended)] == [17]
    assert [held.withdrawn for held in emitted(story, QuarantineHeld)] == [True]


def test_f5_nothing_is_added_to_a_cancelled_plan() -> None:
    story = happening(home(), *logged(), POSITIVE).given(discharged(at(14, 10), "died"), received_at=at(14, 11))
    story.until(at(20)).stays_quiet()


def test_f5_a_retest_belongs_to_the_plan_after_whose_discharge_it_was_collected() -> None:
    story = home().given(discharged(at(12, 10), episode=2), received_at=at(0, 12))
    story.when(retested("r-13", at(13), "detected")).then(
        (RetestedPositive, {"episode": 2}), (HealthAlertRaised, {"episode": 2, "day": 1})
    )


def test_f5_a_positive_known_before_the_discharge_counts_when_the_plan_is_known() -> None:
    story = unknown().when(POSITIVE, received_at=at(7, 16)).stays_quiet()
    story.when(discharged(), received_at=at(7, 17))
    assert any(isinstance(emitted.event, RetestedPositive) for emitted in story.emitted)


def test_f5_a_negative_read_before_the_midnight_it_came_after_does_not_end_the_isolation_at_it() -> None:
    story = happening(home(tested=False), *logged(), POSITIVE, retested("r-8", at(8)))
    story.when(retested("r-9", at(9)), received_at=at(15, 0, 0, 5), watermark=at(14, 23, 59)).stays_quiet()
    story.until(at(15, 0, 0, 5)).then((QuarantineExtended, {"days": 15}))


def test_f5_the_first_positive_with_something_alarming_is_the_one_that_readmits() -> None:
    """Two negatives ended the first, which nothing went with: the next episode does not begin with it."""
    cured = retested("r-8", at(8)), retested("r-9", at(9))
    again = retested("r-11", at(11), "detected"), retested("r-12", at(12), "detected")
    story = home().given(POSITIVE, *cured, *again, received_at=at(0, 12)).when(measured(at(11, 10), 38.5))
    (retest,) = emitted(story, RetestedPositive)
    assert retest.branch == "readmit"
    assert retest.evidence == ("r-11", "vital_signs@2020-10-28T10:00:00+08:00")


def test_f5_the_next_plan_has_no_say_in_what_readmits() -> None:
    """It follows from the discharge of the episode that begins with this positive, and would take its own ground."""
    story = (
        home().given(POSITIVE, discharged(at(12, 10), episode=2), received_at=at(0, 12)).when(measured(at(13), 38.5))
    )
    readmitted = [event for event in emitted(story, RetestedPositive) if event.branch == "readmit"]
    assert [(event.episode, event.evidence[0]) for event in readmitted] == [(1, "r-7")]
    assert not readmitted[0].withdrawn
