"""F4: alerts in all of aftercare, in rounds; words; what a recall, a refusal and another observer make of them."""

from typing import Any

import pytest

from schemas.events.followup import HealthAlertRaised, QuarantineCancelled, QuarantineCompleted, QuarantineDayLogged
from schemas.message import Message
from tests.domain.followup.journeys import (
    COUGH,
    FATIGUE,
    admitted,
    at,
    called,
    closed,
    log,
    measured,
    observed,
    revoked,
    stay_ended,
    visited,
)
from tests.domain.followup.stories import acknowledged, alert_id, call_id, emitted, happening, home, logged, names
from tests.domain.story import Story

DYSPNOEA, CHEST_PAIN, CONSCIOUSNESS = "267036007", "29857009", "3006004"


def raised(story: Story) -> list[tuple[str, int, str]]:
    return [(alert.why, alert.day, alert.severity) for alert in emitted(story, HealthAlertRaised)]


@pytest.mark.parametrize("protocol", ["v8", "v9", "v10"])
@pytest.mark.parametrize("day", [0, 15, 28])
def test_f4_dyspnoea_on_any_day_of_aftercare_is_an_urgent_alert(protocol: str, day: int) -> None:
    story = happening(home(protocol=protocol), *logged()).until(at(14, 22))
    story.when(log(day, "pm", symptoms=(DYSPNOEA,)), received_at=at(max(day, 14), 22))
    assert raised(story) == [("symptoms", day, "urgent")]


@pytest.mark.parametrize(
    ("reported", "severity"),
    [
        ((CONSCIOUSNESS,), "urgent"),
        ((CHEST_PAIN,), "urgent"),
        (("Shortness  of Breath",), "urgent"),
        (("呼吸困难",), "urgent"),
        (("胸痛",), "urgent"),
        (("昏迷",), "urgent"),
        (("发热",), "high"),
        (("发烧",), "high"),
        (("咳嗽",), "high"),
    ],
)
def test_f4_a_warning_symptom_by_code_or_in_the_words_of_a_language(reported: tuple[str, ...], severity: str) -> None:
    story = home().when(log(1, symptoms=reported), received_at=at(1, 9))
    assert raised(story) == [("symptoms", 1, severity)]


def test_f4_words_that_are_neither_a_code_nor_on_the_list_are_shown_and_raise_none() -> None:
    story = home().when(log(1, symptoms=("mi pecho duele", FATIGUE)), received_at=at(1, 9))
    assert names(story) == ["QuarantineDayLogged"]
    (reported,) = story.state.conclusions.plans[0].not_understood
    assert (reported.words, reported.name) == (("mi pecho duele",), "log@2020-10-18/am")


def test_f4_what_treatment_records_in_words_is_understood_or_shown_too() -> None:
    story = home().given(observed(at(3), "胸痛", "weird feeling"), received_at=at(3, 10))
    assert [alert.why for alert in story.state.conclusions.plans[0].alerts] == ["symptoms"]
    assert [reported.words for reported in story.state.conclusions.plans[0].not_understood] == [("weird feeling",)]


def test_f4_a_warning_in_the_findings_of_a_return_visit_raises_an_alert() -> None:
    visit = visited("week_2", at(14, 15)).model_copy(update={"findings": "tired, chest pain"})
    story = happening(home(), *logged()).when(visit, received_at=at(14, 16))
    assert raised(story) == [("symptoms", 14, "urgent")]


def test_f2_f4_a_fever_stands_whatever_a_later_log_of_the_slot_measures() -> None:
    story = home().given(log(1, celsius=39.0, reported_at=at(1, 7)), received_at=at(1, 7, 1))
    story.when(log(1, celsius=36.9, reported_at=at(1, 11)), received_at=at(1, 11, 1)).then(
        (QuarantineDayLogged, {"temperature_c": 36.9, "slot": "am"})
    )
    assert [alert.why for alert in story.state.conclusions.plans[0].alerts] == ["fever"]
    story.when(log(1, celsius=36.8, reported_at=at(1, 7)), received_at=at(1, 12)).then(
        (HealthAlertRaised, {"why": "fever", "withdrawn": True})
    )


def test_f4_two_observers_at_one_minute_are_two_measurements() -> None:
    hot = measured(at(3), 39.5).model_copy(update={"observer": "/hospitals/a"})
    cool = measured(at(3), 36.5).model_copy(update={"observer": "/devices/b"})
    for order in ([hot, cool], [cool, hot]):
        story = home().given(*order, received_at=at(3, 10))
        assert [alert.why for alert in story.state.conclusions.plans[0].alerts] == ["fever"]


def test_f4_more_evidence_before_the_answer_restates_the_alert() -> None:
    story = home().given(log(1, symptoms=(COUGH,)), received_at=at(1, 9))
    story.when(log(1, "pm", symptoms=(DYSPNOEA,)), received_at=at(1, 21)).then(
        QuarantineDayLogged, (HealthAlertRaised, {"alert_id": alert_id(story), "round": 1, "severity": "urgent"})
    )


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"symptoms": (COUGH,)}, {"symptoms": (DYSPNOEA,)}),
        ({"celsius": 37.6}, {"celsius": 39.4}),
    ],
)
def test_f4_graver_evidence_after_the_answer_begins_the_next_round(first: dict[str, Any], then: dict[str, Any]) -> None:
    story = acknowledged(home().given(log(3, **first), received_at=at(3, 9)), at(3, 10))
    before = alert_id(story)
    story.when(log(3, "pm", **then), received_at=at(3, 21))
    (alert,) = emitted(story, HealthAlertRaised)
    assert (alert.round, alert.evidence, alert.alert_id != before) == (2, ("log@2020-10-20/pm",), True)
    first_round, second = story.state.conclusions.plans[0].alerts
    assert first_round.closed is not None
    assert second.closed is None


@pytest.mark.parametrize(
    ("first", "then"),
    [({"symptoms": (DYSPNOEA,)}, {"symptoms": (COUGH,)}), ({"celsius": 38.0}, {"celsius": 38.2})],
)
def test_f4_evidence_after_the_answer_that_is_no_graver_begins_no_round(
    first: dict[str, Any], then: dict[str, Any]
) -> None:
    story = acknowledged(home().given(log(3, **first), received_at=at(3, 9)), at(3, 10))
    story.when(log(3, "pm", **then), received_at=at(3, 21))
    assert [alert.round for alert in story.state.conclusions.plans[0].alerts] == [1]
    assert story.state.conclusions.plans[0].alerts[0].closed is not None


def test_f4_what_was_told_before_the_acknowledgement_belongs_to_its_round_though_the_word_of_it_came_later() -> None:
    story = home().given(log(3, symptoms=(COUGH,)), received_at=at(3, 9))
    story.given(log(3, "pm", symptoms=(DYSPNOEA,)), received_at=at(3, 21))
    story.given(closed(alert_id(story), acknowledged_at=at(3, 21, 30)), received_at=at(4, 9))
    assert [alert.round for alert in story.state.conclusions.plans[0].alerts] == [1]


def recalled(when: Any) -> Message:
    return revoked(when, why="corrected", institution_id="CN-SH/sphcc")


def test_d8_f8_a_discharge_undone_by_a_correction_is_a_recall_and_the_watch_goes_on() -> None:
    story = happening(home(), *logged(1, 2)).when(recalled(at(3, 9)), received_at=at(3, 9, 1))
    story.then((HealthAlertRaised, {"why": "recalled", "severity": "urgent", "day": 3}))
    assert story.state.conclusions.plans[0].status.state == "running"
    assert "QuarantineDayMissed" in names(story.until(at(4, 0)))


def test_d8_f8_whoever_was_recalled_and_is_admitted_is_readmitted() -> None:
    story = happening(home(), *logged(1, 2)).given(recalled(at(3, 9)), received_at=at(3, 9, 1))
    story.when(admitted(at(3, 18)), received_at=at(3, 19)).then((QuarantineCancelled, {"why": "readmitted"}))
    assert story.emitted[0].time == at(3, 18)


def test_d8_f8_an_earlier_stay_that_is_over_answers_no_recall() -> None:
    story = home().given(admitted(at(1, 9)), received_at=at(1, 10))
    story.given(stay_ended(at(1, 9), at(2, 9)), received_at=at(2, 10)).given(recalled(at(3, 9)), received_at=at(3, 10))
    assert story.state.conclusions.plans[0].status.state == "running"


def refusing() -> Story:
    """Silent, and refuses each call and each visit."""
    story = home()
    for day in (2, 3):
        story.until(at(day, 0))
        for hour in (1, 2):
            story.given(called(call_id(story, -1), at(day, hour), "refused"), received_at=at(day, hour, 1))
    return story


def test_f3_after_two_ladders_that_ended_in_refusals_nobody_is_asked_again_and_the_district_is_told() -> None:
    story = refusing()
    (alert,) = story.state.conclusions.plans[0].alerts
    assert (alert.why, alert.severity, alert.day, len(alert.evidence)) == ("refuses", "high", 3, 4)
    calls = len(story.state.conclusions.plans[0].calls)
    story.until(at(14, 23))
    assert len([call for call in story.state.conclusions.plans[0].calls if not call.visit]) == calls
    assert story.state.conclusions.plans[0].missed == tuple(range(1, 14))


def test_f3_f7_a_plan_that_the_patient_refuses_is_held_until_the_district_has_it() -> None:
    story = refusing().until(at(15, 0))
    status = story.state.conclusions.plans[0].status
    assert (status.state, status.alerts) == ("held", ("refuses@3",))
    acknowledged(story, at(17, 9)).until(at(18, 0))
    assert [done.days_missed for done in emitted(story, QuarantineCompleted)] == [14]


def test_f3_one_ladder_that_ended_in_refusals_is_followed_by_another() -> None:
    story = home().until(at(2, 0))
    for hour in (1, 2):
        story.given(called(call_id(story, -1), at(2, hour), "refused"), received_at=at(2, hour, 1))
    assert "CallRequested" in names(story.until(at(3, 0)))
    assert not story.state.conclusions.plans[0].alerts


def test_f4_against_advice_is_told_whatever_the_version() -> None:
    story = home(disposition="against_advice", protocol="v10")
    assert [alert.why for alert in story.state.conclusions.plans[0].alerts] == ["against_advice"]
