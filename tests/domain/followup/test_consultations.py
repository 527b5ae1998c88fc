"""F4: what a patient in aftercare says of their health in a consultation online, and what a physician says to it."""

import pytest

from schemas.events.consultation import PatientConsulted
from schemas.events.followup import HealthAlertRaised, QuarantineCompleted, QuarantineHeld, RetestedPositive
from tests.domain.followup.journeys import (
    COUGH,
    DYSPNOEA,
    FATIGUE,
    FEVER,
    POSITIVE,
    RETURNED,
    at,
    consulted,
    discharged,
    held,
    log,
    visited,
)
from tests.domain.followup.stories import acknowledged, emitted, happening, home, logged, unknown
from tests.domain.story import Story

NIGHT = at(6, 3)
"""Three in the morning of day 6."""


def alerts(story: Story) -> list[tuple[int, str, str, int]]:
    """Every alert of the plan: its day, reason, severity and round."""
    return [(one.day, one.why, one.severity, one.round) for one in story.state.conclusions.plans[0].alerts]


@pytest.mark.parametrize(
    ("message", "severity"),
    [
        (consulted(NIGHT, FEVER), "high"),
        (consulted(NIGHT, FATIGUE, COUGH), "high"),
        (consulted(NIGHT, DYSPNOEA), "urgent"),
        (consulted(NIGHT, COUGH, state="cancelled"), "high"),
        (held(NIGHT, refers=True), "high"),
        (held(NIGHT, DYSPNOEA, refers=True), "urgent"),
    ],
)
def test_f4_a_consultation_with_a_warning_symptom_or_a_referral_raises_one_alert(
    message: PatientConsulted, severity: str
) -> None:
    story = home().when(message, received_at=at(6, 4))
    (raised,) = emitted(story, HealthAlertRaised)
    assert (raised.why, raised.day, raised.severity) == ("consultation", 6, severity)


@pytest.mark.parametrize(
    "message",
    [
        consulted(NIGHT),
        consulted(NIGHT, FATIGUE),
        held(NIGHT, FATIGUE),
        consulted(NIGHT, refers=True),
        consulted(NIGHT, refers=True, state="cancelled"),
        consulted(NIGHT, FEVER, withdrawn=True),
    ],
)
def test_f4_a_consultation_that_asks_for_nobody_stays_quiet(message: PatientConsulted) -> None:
    happening(home(), *logged(1, 5)).when(message, received_at=at(6, 4)).stays_quiet()


def test_f4_a_consultation_before_the_discharge_or_after_aftercare_stays_quiet() -> None:
    for when, day in ((at(0, 9, 59), None), (at(0, 10, 1), 0), (at(28, 23, 59), 28), (at(29, 0), None)):
        story = home().when(held(when, FEVER, held_at=when, refers=True), received_at=at(0, 12))
        assert [alert.day for alert in emitted(story, HealthAlertRaised)] == ([] if day is None else [day]), when


def test_f4_a_consultation_that_comes_before_the_plan_is_known_counts_once_it_is() -> None:
    story = unknown().when(consulted(at(0, 15), FEVER), received_at=at(0, 16)).stays_quiet()
    story.when(discharged(), received_at=at(0, 17))
    assert [alert.why for alert in emitted(story, HealthAlertRaised)] == ["consultation"]


def test_f4_the_last_word_on_a_consultation_holds_whatever_comes_last() -> None:
    words = [consulted(NIGHT, FEVER), consulted(NIGHT, FATIGUE)]
    story = home().given(words[0], received_at=at(6, 4)).when(words[1], received_at=at(6, 5))
    story.then((HealthAlertRaised, {"withdrawn": True}))
    story.when(held(NIGHT, FEVER), received_at=at(6, 6)).then((HealthAlertRaised, {"withdrawn": None}))
    story.when(held(NIGHT, FEVER, withdrawn=True), received_at=at(6, 7)).then((HealthAlertRaised, {"withdrawn": True}))


def test_f4_a_referral_after_the_answer_to_the_symptoms_is_a_round_of_its_own() -> None:
    story = home().given(consulted(NIGHT, FEVER), received_at=at(6, 3, 1))
    acknowledged(story, at(6, 3, 10)).when(held(NIGHT, FEVER, refers=True), received_at=at(6, 3, 31))
    assert alerts(story) == [(6, "consultation", "high", 1), (6, "consultation", "high", 2)]
    assert [alert.round for alert in emitted(story, HealthAlertRaised)] == [2]


def test_f4_a_referral_before_any_answer_restates_the_alert() -> None:
    story = home().given(consulted(NIGHT, FEVER), received_at=at(6, 3, 1))
    story.when(held(NIGHT, FEVER, refers=True), received_at=at(6, 3, 31))
    story.then((HealthAlertRaised, {"round": 1, "evidence": ["c-1", "referral@c-1"]}))


def test_f4_two_consultations_of_a_day_are_one_alert_and_a_fever_in_a_log_is_another() -> None:
    story = (
        home().given(consulted(NIGHT, FEVER), received_at=at(6, 4)).given(log(6, celsius=38.2), received_at=at(6, 9))
    )
    story.when(consulted(at(6, 12), COUGH, consultation_id="c-2"), received_at=at(6, 13))
    story.then((HealthAlertRaised, {"why": "consultation", "evidence": ["c-1", "c-2"]}))
    assert alerts(story) == [(6, "consultation", "high", 1), (6, "fever", "high", 1)]


def test_f4_a_referral_after_midnight_counts_for_the_day_on_which_it_was_held() -> None:
    asked = at(6, 23, 50)
    story = home().when(held(asked, FEVER, refers=True), received_at=at(7, 1))
    assert alerts(story) == [(6, "consultation", "high", 1), (7, "consultation", "high", 1)]


def test_f5_a_fever_said_in_a_consultation_goes_with_a_positive() -> None:
    story = home().given(consulted(NIGHT, FEVER), received_at=at(6, 4)).when(POSITIVE, received_at=at(7, 16))
    assert [event.branch for event in emitted(story, RetestedPositive)] == ["readmit"]


def test_f7_a_consultation_holds_the_plan_until_its_alert_is_closed() -> None:
    story = happening(home(), *logged(), RETURNED, visited("week_4", at(14, 16)))
    story.given(consulted(at(14, 20), FEVER), received_at=at(14, 20, 1))
    story.until(at(15, 0)).then((QuarantineHeld, {"missing": ["alert of day 14: consultation"]}))
    acknowledged(story, at(15, 9)).until(at(16, 0)).then(QuarantineCompleted)


def test_f10_a_symptom_that_a_later_word_brings_came_with_that_word() -> None:
    story = happening(home(), *logged(), RETURNED, visited("week_4", at(14, 16)))
    story.given(consulted(at(14, 20), FATIGUE), received_at=at(14, 20, 1)).until(at(15, 0)).then(QuarantineCompleted)
    story.when(consulted(at(14, 20), FEVER), received_at=at(15, 9)).then(HealthAlertRaised)
    assert story.state.conclusions.plans[0].status.state == "completed"
