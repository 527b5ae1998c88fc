"""D2 and D3: clearly improved, or never ill in that way."""

import pytest

from tests.domain.discharge.journeys import admitted, assessed, at, confirmed, imaged, observed
from tests.domain.discharge.judging import judged


@pytest.mark.parametrize(("word", "met"), [("none", True), ("improved", True), ("same", False), ("worse", False)])
def test_d2_the_latest_observation_decides(word: str, met: bool) -> None:
    found = judged([confirmed(), observed(at(3), "worse"), observed(at(5), word)], at(6))["respiratory"]
    assert (found.met, found.since) == (met, at(5) if met else None)
    assert found.evidence == ("symptoms@2020-10-05T09:00:00+08:00",)


def test_d2_without_observation_it_is_met_if_no_symptom_was_ever_told() -> None:
    assert judged([confirmed(), admitted()], at(6))["respiratory"].met
    assert not judged([confirmed(), admitted(symptoms=("386661006",))], at(6))["respiratory"].met
    assert not judged([confirmed(symptoms=("386661006",)), admitted()], at(6))["respiratory"].met


def test_d2_an_observation_after_the_instant_does_not_count() -> None:
    assert judged([confirmed(), observed(at(3), "none"), observed(at(7), "worse")], at(6))["respiratory"].met


def test_d2_improved_since_the_first_of_the_unbroken_run() -> None:
    given = [observed(at(3), "same"), observed(at(4)), observed(at(5)), observed(at(6), "none")]
    assert judged([confirmed(), *given], at(7))["respiratory"].since == at(4)


def test_d3_the_latest_study_improved_is_met() -> None:
    found = judged([imaged("s-1", at(2), "first"), imaged("s-2", at(5), "improved")], at(6))["imaging"]
    assert (found.met, found.since, found.evidence) == (True, at(5), ("s-2",))


def test_d3_a_pneumonia_that_did_not_improve_is_not_met() -> None:
    assert not judged([imaged("s-1", at(2), "first")], at(6))["imaging"].met
    assert not judged([imaged("s-1", at(2)), imaged("s-2", at(5), "progressed")], at(6))["imaging"].met


def test_d3_imaged_and_no_pneumonia_ever_seen_is_met() -> None:
    assert judged([imaged("s-1", at(2), "first", pneumonia=False)], at(6))["imaging"].met


def test_d3_a_case_never_imaged_needs_it_only_when_common_or_worse() -> None:
    assert judged([confirmed()], at(6))["imaging"].met
    assert judged([assessed(at(2), "mild")], at(6))["imaging"].met
    assert not judged([assessed(at(2), "common")], at(6))["imaging"].met
    assert judged([assessed(at(7), "severe")], at(6))["imaging"].met


@pytest.mark.parametrize(("before", "met"), [("none", True), ("improved", True), ("worse", False)])
def test_d2_same_carries_the_word_before_on(before: str, met: bool) -> None:
    given = [observed(at(3), before), observed(at(5), "same"), observed(at(7), "same")]
    found = judged([confirmed(), admitted(symptoms=("49727002",)), *given], at(8))["respiratory"]
    assert (found.met, found.since) == (met, at(3) if met else None)


def test_d2_same_with_no_word_before_it_is_no_improvement() -> None:
    assert not judged([confirmed(), observed(at(3), "same")], at(4))["respiratory"].met


def test_d2_a_symptom_in_words_is_a_symptom_at_the_port_and_at_the_admission() -> None:
    assert not judged([confirmed(symptoms_in_words=1), admitted()], at(6))["respiratory"].met
    assert not judged([confirmed(), admitted(symptoms=("cough",))], at(6))["respiratory"].met
    assert judged([confirmed(symptoms_in_words=1), observed(at(5), "none")], at(6))["respiratory"].met


@pytest.mark.parametrize(
    ("changes", "met"),
    [
        (["first", "improved", "same"], True),
        (["first", "same"], False),
        (["improved", "progressed", "same"], False),
        (["improved", "same", "same"], True),
        (["improved", "first"], False),
    ],
)
def test_d3_same_carries_the_word_before_on(changes: list[str], met: bool) -> None:
    given = [imaged(f"s-{day}", at(day), change) for day, change in enumerate(changes, 2)]
    assert judged([confirmed(), *given], at(9))["imaging"].met is met


def test_d3_the_latest_study_shows_no_pneumonia_any_more() -> None:
    given = [imaged("s-1", at(2), "first"), imaged("s-2", at(5), "first", pneumonia=False)]
    assert judged([confirmed(), *given], at(6))["imaging"].met


def test_d3_a_study_that_was_retracted_never_was() -> None:
    gone = imaged("s-2", at(5), "progressed").model_copy(update={"status": "retracted"})
    assert judged([confirmed(), imaged("s-1", at(2), "improved"), gone], at(6))["imaging"].met


def test_d3_the_class_in_force_at_the_instant_counts_whatever_is_told_of_later() -> None:
    """Common on day 3, discharged on day 12; the ward closes the file with mild on day 14."""
    common = (at(3), "common")
    late = assessed(at(14), "mild", history=(common, (at(14), "mild")))
    reports = [assessed(at(3), "common", history=(common,)), late]
    assert not judged([confirmed(), *reports], at(12))["imaging"].met
    assert not judged([confirmed(), late], at(12))["imaging"].met
    assert judged([confirmed(), *reports], at(14))["imaging"].met


def test_d3_the_history_of_the_class_that_prevails_is_read() -> None:
    rule = assessed(at(2), "asymptomatic", "rule", prevails=False, history=((at(2), "asymptomatic"),))
    report = assessed(at(4), "common", history=((at(2), "asymptomatic"), (at(4), "common")))
    for reports in ([rule, report], [report, rule]):
        assert judged([confirmed(), *reports], at(3))["imaging"].met
        assert not judged([confirmed(), *reports], at(5))["imaging"].met
