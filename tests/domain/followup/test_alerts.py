"""F4: what a physician should see; F7: no plan completes while one of them is open."""

from typing import Any

import pytest

from schemas.events.followup import HealthAlertRaised, QuarantineCompleted, QuarantineDayLogged, QuarantineHeld
from schemas.message import Message
from tests.domain.followup.journeys import (
    COUGH,
    DYSPNOEA,
    FATIGUE,
    FEVER,
    POSITIVE,
    RETURNED,
    at,
    called,
    closed,
    corrected,
    discharged,
    log,
    measured,
    observed,
    retested,
    retracted,
    revoked,
    visited,
)
from tests.domain.followup.stories import acknowledged, alert_id, emitted, happening, home, logged, names, unknown

CURED = retested("r-8", at(8)), retested("r-10", at(10))


@pytest.mark.parametrize(
    ("reported", "alert"),
    [
        (log(5, celsius=37.3), {"why": "fever", "severity": "high", "day": 5, "evidence": ["log@2020-10-22/am"]}),
        (log(5, celsius=37.5, temperature_site="ear"), {"why": "fever", "severity": "high"}),
        (log(5, celsius=38.0, temperature_site="rectal"), {"why": "fever", "severity": "high"}),
        (log(5, symptoms=(COUGH,)), {"why": "symptoms", "severity": "high"}),
        (log(5, symptoms=(FEVER,)), {"why": "symptoms", "severity": "high"}),
        (log(5, symptoms=("Chest pain",)), {"why": "symptoms", "severity": "urgent"}),
        (log(5, symptoms=(DYSPNOEA, COUGH)), {"why": "symptoms", "severity": "urgent"}),
        (log(5, stayed_in=False), {"why": "went_out", "severity": "routine"}),
        (called("call-1", at(5, 9), temperature_c=37.3), {"why": "fever", "evidence": ["call-1"]}),
        (called("call-1", at(5, 9), stayed_in=False), {"why": "went_out"}),
        (measured(at(5, 10), 38.0), {"why": "fever", "evidence": ["vital_signs@2020-10-22T10:00:00+08:00"]}),
        (observed(at(5, 10), DYSPNOEA), {"why": "symptoms", "severity": "urgent"}),
    ],
)
def test_f4_what_is_alarming_raises_an_alert(reported: Message, alert: dict[str, Any]) -> None:
    story = home().when(reported, received_at=at(5, 12))
    (raised,) = emitted(story, HealthAlertRaised)
    assert {"day": 5, **alert}.items() <= raised.model_dump(mode="json").items()


@pytest.mark.parametrize(
    "reported",
    [
        log(5, celsius=37.2),
        log(5, celsius=37.4, temperature_site="ear"),
        log(5, celsius=37.9, temperature_site="rectal"),
        log(5, symptoms=(FATIGUE,)),
        log(0, celsius=39.0),
        log(29, celsius=39.0),
        log(15, stayed_in=False),
        measured(at(0, 9), 39.0),
        called("call-1", at(0, 9), temperature_c=39.0),
        POSITIVE.model_copy(update={"result": "not_detected"}),
    ],
)
def test_f4_what_is_normal_or_outside_the_plan_raises_none(reported: Message) -> None:
    story = home().when(reported, received_at=at(0, 12))
    assert not emitted(story, HealthAlertRaised)


def test_f4_more_evidence_of_a_day_and_kind_restates_the_same_alert() -> None:
    story = home().when(log(5, celsius=37.5), received_at=at(5, 9))
    first = alert_id(story)
    story.when(log(5, "pm", 38.1), received_at=at(5, 21)).then(
        QuarantineDayLogged,
        (HealthAlertRaised, {"alert_id": first, "evidence": ["log@2020-10-22/am", "log@2020-10-22/pm"]}),
    )
    assert story.emitted[-1].time == at(5, 8)


def test_f4_another_day_or_kind_is_another_alert() -> None:
    story = home().given(log(5, celsius=37.5), received_at=at(5, 9))
    story.given(log(6, celsius=37.5, symptoms=(COUGH,), stayed_in=False), received_at=at(6, 9))
    assert [(alert.day, alert.why) for alert in story.state.conclusions.plans[0].alerts] == [
        *((5, "fever"), (6, "fever"), (6, "symptoms"), (6, "went_out"))
    ]


def test_f4_a_positive_test_counts_for_the_day_of_its_collection() -> None:
    story = home().when(POSITIVE, received_at=at(8, 9))
    assert [(alert.day, alert.why) for alert in emitted(story, HealthAlertRaised)] == [(7, "positive_test")]


def test_f4_a_discharge_against_advice_is_urgent_on_day_0() -> None:
    story = unknown().when(discharged(disposition="against_advice"), received_at=at(0, 11))
    (alert,) = emitted(story, HealthAlertRaised)
    assert (alert.why, alert.day, alert.severity) == ("against_advice", 0, "urgent")


def test_f4_a_corrected_log_takes_its_alert_back() -> None:
    story = home().given(log(5, celsius=38.5), received_at=at(5, 9))
    story.when(log(5, celsius=36.5), received_at=at(5, 11))
    story.then(QuarantineDayLogged, (HealthAlertRaised, {"withdrawn": True}))


def test_f4_a_retracted_positive_takes_its_alert_back() -> None:
    story = home().given(POSITIVE, received_at=at(8)).when(retracted(POSITIVE, at(9)), received_at=at(9))
    assert [alert.withdrawn for alert in emitted(story, HealthAlertRaised)] == [True]


def test_f4_what_happens_after_a_cancellation_raises_none() -> None:
    story = home().given(revoked(at(2)), received_at=at(2, 10))
    assert not emitted(story.when(measured(at(3), 39.0), received_at=at(3, 10)), HealthAlertRaised)
    assert emitted(story.when(measured(at(1), 39.0), received_at=at(3, 11)), HealthAlertRaised)


def test_f4_a_fever_at_a_late_return_visit_raises_an_alert_of_a_completed_plan_and_one_after_it_does_not() -> None:
    story = (
        happening(home(), *logged(), RETURNED).until(at(20)).given(visited("week_4", at(28)), received_at=at(28, 10))
    )
    assert emitted(story.when(measured(at(28), 38.5), received_at=at(28, 11)), HealthAlertRaised)
    assert story.state.conclusions.plans[0].status.state == "completed"
    assert not emitted(story.when(measured(at(40), 38.5), received_at=at(40, 11)), HealthAlertRaised)


def test_f7_an_open_alert_holds_the_plan_and_says_which() -> None:
    messages = [reported for reported in logged() if reported != log(5)]
    story = happening(home(), *messages, log(5, celsius=38.2), RETURNED).until(at(15, 0))
    story.then((QuarantineHeld, {"missing": ["alert of day 5: fever"]}))
    story.until(at(16, 9)).stays_quiet()
    story.when(closed(alert_id(story)), received_at=at(16, 10)).stays_quiet()
    story.until(at(17, 0)).then(QuarantineCompleted)
    assert story.emitted[0].time == at(17, 0)


def test_f7_an_alert_closed_before_the_end_holds_nothing() -> None:
    messages = [reported for reported in logged() if reported != log(5)]
    story = happening(home(), *messages, log(5, celsius=38.2), RETURNED)
    acknowledged(story, at(14, 22)).until(at(15, 0)).then(QuarantineCompleted)


def test_f7_a_closing_that_comes_at_the_midnight_is_too_late_for_it() -> None:
    messages = [reported for reported in logged() if reported != log(5)]
    story = happening(home(), *messages, log(5, celsius=38.2), RETURNED)
    acknowledged(story, at(15, 0))
    assert story.state.conclusions.plans[0].status.state == "held"
    assert "QuarantineCompleted" in names(story.until(at(16, 0)))


def test_f7_a_closing_that_is_taken_back_opens_the_alert_again() -> None:
    messages = [reported for reported in logged() if reported != log(5)]
    story = happening(home(), *messages, log(5, celsius=38.2), RETURNED)
    acknowledged(story, at(14, 20)).given(closed(alert_id(story), withdrawn=True), received_at=at(14, 21))
    assert "QuarantineHeld" in names(story.until(at(15, 0)))


def test_f7_a_plan_that_only_people_can_end_does_not_tick_every_midnight() -> None:
    story = happening(
        home(), *[reported for reported in logged() if reported != log(5)], log(5, celsius=38.2), RETURNED
    )
    story.until(at(15, 0))
    ticks = []
    while (due := story.state.conclusions.due) is not None:
        ticks.append(due)
        assert len(ticks) < 20, "it ticks for ever"
        story.until(due)
    assert story.state.conclusions.plans[0].status.state == "held"
    assert ticks[0] == at(16, 0), "one look after its end; all others are about the second return visit"
    assert all(tick >= at(30, 0) for tick in ticks[1:])
    acknowledged(story, at(300, 9)).until(at(301, 0)).then(QuarantineCompleted)


@pytest.mark.parametrize("day", [16, 17, 20, 30, 200])
def test_f7_whenever_what_holds_a_plan_is_settled_it_ends_at_the_next_midnight(day: int) -> None:
    story = happening(
        home(), *[reported for reported in logged() if reported != log(5)], log(5, celsius=38.2), RETURNED
    )
    acknowledged(story, at(day, 9))
    assert story.state.conclusions.due == at(day + 1, 0)
    assert "QuarantineCompleted" in names(story.until(at(day + 1, 0)))
    assert story.state.conclusions.plans[0].status.since == at(day + 1, 0)


def test_f7_an_alert_raised_while_the_plan_is_held_holds_it_too() -> None:
    story = happening(
        home(), *[reported for reported in logged() if reported != log(5)], log(5, celsius=38.2), RETURNED
    )
    story.until(at(15, 9)).given(measured(at(15, 10), 38.2), received_at=at(15, 11))
    story.given(closed(alert_id(story)), received_at=at(15, 12)).until(at(16, 0)).stays_quiet()
    acknowledged(story, at(16, 9)).until(at(17, 0)).then(QuarantineCompleted)


def test_f7_a_fever_that_was_a_slip_of_the_pen_never_held_the_plan() -> None:
    story = happening(
        home(), *[reported for reported in logged() if reported != log(5)], log(5, celsius=38.2), RETURNED
    )
    story.until(at(16, 9)).when(log(5), received_at=at(16, 10))
    story.then(QuarantineDayLogged, (HealthAlertRaised, {"withdrawn": True}), QuarantineCompleted)
    assert story.state.conclusions.plans[0].status.since == at(15, 0)


@pytest.mark.parametrize(
    ("reported", "correction"),
    [
        ([POSITIVE, *CURED], corrected(POSITIVE, at(16, 8), lab="lab-2")),
        ([measured(at(5), 38.4)], measured(at(5), 38.5)),
        ([observed(at(5), COUGH)], observed(at(5), COUGH, DYSPNOEA)),
    ],
)
def test_f7_a_correction_after_the_end_completes_no_plan_that_an_open_alert_holds(
    reported: list[Message], correction: Message
) -> None:
    """What first came before the midnight was an open alert at it, whatever is corrected later (0023)."""
    story = happening(home(), *logged(), *reported, RETURNED).until(at(16, 9))
    before = story.state.conclusions.plans[0].status
    assert before.state == "held"
    story.when(correction, received_at=at(16, 10))
    assert story.state.conclusions.plans[0].status == before
    assert not emitted(story, QuarantineCompleted)


def test_f7_a_result_that_a_correction_turns_positive_came_with_the_correction() -> None:
    """A plan that has completed is not held backwards by it."""
    story = happening(home(), *logged(), retested("r-5", at(5)), RETURNED).until(at(16, 8))
    story.when(corrected(retested("r-5", at(5)), at(16, 8), result="detected"), received_at=at(16, 9))
    assert [alert.received_at for alert in story.state.conclusions.plans[0].alerts] == [at(16, 9)]
    assert story.state.conclusions.plans[0].status.state == "completed"
